import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decide } from "../../src/core/decide.ts";
import type { Event } from "../../src/core/events.ts";
import type { Plan, Step } from "../../src/core/plan.ts";
import { answerPress, pressVerbs } from "../../src/core/presses.ts";
import { evolve, foldRotation, type Rotation } from "../../src/core/rotation.ts";
import { approved, at, begun, done, planOf, policy, requested } from "./samples.ts";

const engine = { kind: "engine", id: "keyturn" } as const;
const reason = { code: "check_red", sentence: "red" };
const failed = (step: string): readonly Event[] => [...begun(step), { type: "step_failed", step, reason }];

/** What one turn of the engine, a fault, or a person may bring. */
type Turn =
  | { readonly kind: "done" | "fails" | "dies-before" | "dies-after" | "blocks" | "rewinds" }
  | { readonly kind: "press"; readonly verb: (typeof pressVerbs)[number]; readonly detail: string };

const turn: fc.Arbitrary<Turn> = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Turn>({ kind: "done" }) },
  {
    weight: 3,
    arbitrary: fc.constantFrom<Turn[]>(
      { kind: "fails" },
      { kind: "dies-before" },
      { kind: "dies-after" },
      { kind: "blocks" },
      { kind: "rewinds" },
    ),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("press" as const),
      verb: fc.constantFrom(...pressVerbs),
      detail: fc.constantFrom("", "60000", "-1", "NaN", "1e99"),
    }),
  },
);

/** Often far along already, so that what comes late is tried as much as what comes early. */
const history = fc
  .tuple(fc.nat(16), fc.array(turn, { maxLength: 50 }))
  .map(([count, turns]): Turn[] => [...Array.from({ length: count }, () => ({ kind: "done" as const })), ...turns]);

const plans = fc
  .record({
    overlap: fc.constantFrom("dual" as const, "single" as const),
    triedAt: fc.constant("issuer" as const),
    usage: fc.constantFrom("sessions" as const, "none" as const),
    disable: fc.boolean(),
    present: fc.constantFrom("works" as const, "none" as const, "broken" as const),
    cause: fc.constantFrom("routine" as const, "leaked" as const),
    onFailure: fc.constantFrom("rollback" as const, "hold" as const),
  })
  .map(({ onFailure, ...wanted }) => planOf({ ...wanted, policy: { ...policy, onFailure } }));

const proofs = ["issue", "test", "publish", "rollout", "verify"];

describe("no history of events and faults", () => {
  it("lets the old one be disabled or revoked unless the new one was issued, tested, published, settled and verified", () => {
    fc.assert(
      fc.property(plans, history, (plan, turns) => {
        for (const { step, rotation } of historyOf(plan, turns)) {
          const ends = step.kind === "disable" || step.kind === "revoke";
          if (!ends || step.slot === "pending") continue;
          expect(rotation.direction).toBe("forward");
          for (const proof of proofs) expect(rotation.steps[proof]?.status, proof).toBe("done");
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("lets the way back end the new one before every consumer that could have it is back and verified", () => {
    fc.assert(
      fc.property(plans, history, (plan, turns) => {
        for (const { step, rotation } of historyOf(plan, turns)) {
          if (step.kind !== "revoke" && step.kind !== "disable") continue;
          if (step.slot === "current") continue;
          expect(rotation.direction).toBe("back");
          const published = Object.keys(rotation.steps["publish"]?.effects ?? {}).length > 0;
          const needed = plan.back.filter(({ kind }) => ["publish", "rollout", "verify"].includes(kind));
          if (published) for (const { id } of needed) expect(rotation.steps[id]?.status, id).toBe("done");
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("turns back after the point of no return, or forward again once it went back", () => {
    fc.assert(
      fc.property(plans, history, (plan, turns) => {
        const history = historyOf(plan, turns);
        const firstBack = history.findIndex(({ rotation }) => rotation.direction === "back");
        if (firstBack === -1) return;
        for (const { step } of history.slice(firstBack)) expect(plan.back).toContain(step);
        const last = plan.pointOfNoReturn;
        const gone = history
          .slice(0, firstBack)
          .some(({ step }) => step.id === last && plan.rotator.overlap === "dual");
        const acted = Object.keys(history[firstBack]?.rotation.steps[last ?? ""]?.effects ?? {}).length > 0;
        expect(gone && acted).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });

  it("reaches the end only with a proof: the property is not empty", () => {
    const plan = planOf();
    const history = historyOf(
      plan,
      Array.from({ length: 40 }, () => ({ kind: "done" as const })),
    );
    expect(history.map(({ step }) => step.id)).toEqual(plan.steps.map(({ id }) => id));
  });
});

type Run = { readonly step: Step; readonly rotation: Rotation };

/** Every step that was run in this history, with the rotation as it was just before. */
function historyOf(plan: Plan, turns: readonly Turn[]): Run[] {
  const first = foldRotation("r1", [{ seq: 1, at: at(0), epoch: 1, event: requested(plan) }]);
  if (first === undefined) return [];
  let rotation = apply(first, [approved]);
  const runs: Run[] = [];
  for (const each of turns) {
    if (each.kind === "press") {
      const command = {
        id: "1",
        rotationId: "r1",
        verb: each.verb,
        actor: { kind: "slack", id: "U-ada", team: "T1" } as const,
        at: at(1),
        detail: each.detail,
      };
      rotation = apply(rotation, answerPress(rotation, command, at(rotation.seq)));
      continue;
    }
    const action = decide(rotation, at(rotation.seq));
    if (action.kind === "turn-back")
      rotation = apply(rotation, [{ type: "turned_back", by: engine, reason: { ...action.reason } }]);
    if (action.kind === "block")
      rotation = apply(rotation, [{ type: "blocked", step: action.step, reason: { ...action.reason }, live: "" }]);
    if (action.kind === "end")
      rotation = apply(rotation, [{ type: "ended", status: action.status, sentence: "", leftovers: [] }]);
    if (action.kind !== "run") continue;
    runs.push({ step: action.step, rotation });
    rotation = apply(rotation, outcomeOf(each, action.step));
  }
  return runs;
}

function outcomeOf({ kind }: Turn, { id, kind: stepKind }: Step): readonly Event[] {
  switch (kind) {
    case "fails":
      return failed(id);
    case "dies-before":
      return [{ type: "step_started", step: id, attempt: 1 }];
    case "dies-after":
      return begun(id);
    case "blocks":
      return [...begun(id), { type: "blocked", step: id, reason, live: "" }];
    case "rewinds":
      return stepKind === "watch" ? [...begun(id), { type: "rewound", from: "grace", reason }] : begun(id);
    case "done":
    case "press":
      return done(id);
  }
}

function apply(rotation: Rotation, events: readonly Event[]): Rotation {
  return events.reduce((sum, event) => evolve(sum, { seq: sum.seq + 1, at: at(sum.seq), epoch: 1, event }), rotation);
}
