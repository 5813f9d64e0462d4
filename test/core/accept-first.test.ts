import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decide } from "../../src/core/decide.ts";
import type { Event } from "../../src/core/events.ts";
import type { Plan, Step } from "../../src/core/plan.ts";
import { answerPress } from "../../src/core/presses.ts";
import { evolve, foldRotation, type Rotation } from "../../src/core/rotation.ts";
import { runAccept, runSign } from "../../src/core/steps/accept.ts";
import { runGrace } from "../../src/core/steps/grace.ts";
import { runPublish } from "../../src/core/steps/publish.ts";
import { runRecheck } from "../../src/core/steps/recheck.ts";
import { runWatchWithdrawn } from "../../src/core/steps/watch-withdrawn.ts";
import { approved, at, begun, done, planOf, requested } from "./samples.ts";
import { sceneOf } from "./stub-context.ts";

const reason = { code: "check_red", sentence: "red" };
const instances = 4;

/**
 * A model of applications with two variables: each signs with the first and accepts both, as it read them when it last
 * started. Beside them are readers that keep a list of both for as long as a soak lasts: `known` is what each of them surely
 * knows. The engine is the real `decide` and the real fold; a crash, a press and a teammate's restart come anywhere.
 */
type World = {
  store: Step | { readonly slot: "current" };
  readonly running: World["store"][];
  known: readonly (string | undefined)[];
};

type Turn =
  | { readonly kind: "done" | "fails" | "dies-before" | "dies-after" | "rewinds" | "rolls-back" }
  | { readonly kind: "half"; readonly restarted: number }
  | { readonly kind: "teammate"; readonly instance: number };

const turn: fc.Arbitrary<Turn> = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Turn>({ kind: "done" }) },
  {
    weight: 3,
    arbitrary: fc.constantFrom<Turn[]>(
      { kind: "fails" },
      { kind: "dies-before" },
      { kind: "dies-after" },
      { kind: "rewinds" },
      { kind: "rolls-back" },
    ),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("half" as const), restarted: fc.nat(instances) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("teammate" as const), instance: fc.nat(instances - 1) }) },
);
const history = fc
  .tuple(fc.nat(17), fc.array(turn, { maxLength: 60 }))
  .map(([count, turns]): Turn[] => [...Array.from({ length: count }, () => ({ kind: "done" as const })), ...turns]);
const plans = fc
  .constantFrom("routine" as const, "leaked" as const)
  .map((cause) => planOf({ overlap: "accept-first", triedAt: "consumer", cause }));

describe("accept-first", () => {
  it("at no moment of any history makes one instance what another does not accept", () => {
    let phases = 0;
    fc.assert(
      fc.property(plans, history, (plan, turns) => {
        phases = Math.max(phases, play(plan, turns));
      }),
      { numRuns: 3_000 },
    );
    // Old only, both ways of both, new only: the property is not empty.
    expect(phases).toBe(4);
  });

  it("two phases, as the runbooks have them, do: the model can fail", () => {
    const plan = planOf({ overlap: "accept-first", triedAt: "consumer" });
    const twoPhases = { ...plan, steps: plan.steps.filter(({ id }) => id !== "publish" && id !== "rollout") };
    const turns = Array.from({ length: 20 }, () => ({ kind: "done" as const }));
    expect(() => play(twoPhases, turns)).toThrow(/signs with pending/);
  });

  it.each(["soak", "back-soak"])("without %s, readers that keep a list do not know what is signed with", (id) => {
    const plan = planOf({ overlap: "accept-first", triedAt: "consumer" });
    const without = {
      ...plan,
      steps: plan.steps.filter((step) => step.id !== id),
      back: plan.back.filter((step) => step.id !== id),
    };
    const turns = (count: number) => Array.from({ length: count }, () => ({ kind: "done" as const }));
    const there = without.steps.findIndex((step) => step.id === "watch");
    const whole = [...turns(there), { kind: "rolls-back" as const }, ...turns(20)];
    expect(() => play(without, whole)).toThrow(/a reader that keeps the list does not know/);
  });

  it("the way back from the withdrawal leads over every phase", () => {
    const plan = planOf({ overlap: "accept-first", triedAt: "consumer" });
    const last = plan.steps.findIndex(({ id }) => id === "publish-3");
    const steps = plan.steps.slice(0, last + 1).flatMap(({ id }) => done(id));
    expect(wayBack(plan, steps)).toEqual(plan.back.map(({ id }) => id));
  });

  it("the way back from a rewind leads over every phase, though none of them was begun anew", () => {
    const plan = planOf({ overlap: "accept-first", triedAt: "consumer" });
    const last = plan.steps.findIndex(({ id }) => id === "rollout-3");
    const steps = plan.steps.slice(0, last + 1).flatMap(({ id }) => done(id));
    const rewound = { type: "rewound", from: "publish-2", reason } as const;
    expect(wayBack(plan, [...steps, rewound])).toEqual(plan.back.map(({ id }) => id));
  });

  it.each([
    ["publish", ["back-publish-3", "back-rollout-3", "back-verify"]],
    ["accept", ["back-publish-3", "back-rollout-3", "back-verify"]],
    [
      "publish-2",
      [
        "back-publish-2",
        "back-rollout-2",
        "back-sign",
        "back-grace",
        "back-publish-3",
        "back-rollout-3",
        "back-verify",
      ],
    ],
    ["issue", []],
  ] as const)("the way back after %s takes only the phases that were begun", (id, ids) => {
    const plan = planOf({ overlap: "accept-first", triedAt: "consumer" });
    const last = plan.steps.findIndex((step) => step.id === id);
    const steps = plan.steps.slice(0, last + 1).flatMap((step) => done(step.id));
    expect(wayBack(plan, steps)).toEqual(ids);
  });
});

/** Plays a history; throws when an instance signs with what another does not accept. Returns how many different holdings were in use. */
function play(plan: Plan, turns: readonly Turn[]): number {
  const first = foldRotation("r1", [{ seq: 1, at: at(0), epoch: 1, event: requested(plan) }]);
  if (first === undefined) throw new Error("no rotation");
  let rotation = apply(first, [approved]);
  const world: World = { store: { slot: "current" }, running: [], known: ["current"] };
  for (let each = 0; each < instances; each += 1) world.running.push(world.store);
  const seen = new Set<string>();
  for (const each of turns) {
    if (each.kind === "teammate") {
      world.running[each.instance] = world.store;
    } else if (each.kind === "rolls-back") {
      const actor = { kind: "slack", id: "U-ada", team: "T1" } as const;
      const command = { id: "1", rotationId: "r1", verb: "roll-back", actor, at: at(1), detail: "" } as const;
      rotation = apply(rotation, answerPress(rotation, command, at(rotation.seq)));
    } else {
      rotation = oneTurn(rotation, world, each);
    }
    check(world);
    for (const holding of world.running) seen.add(nameOf(holding));
  }
  return seen.size;
}

function oneTurn(rotation: Rotation, world: World, turn: Exclude<Turn, { kind: "teammate" | "rolls-back" }>): Rotation {
  const action = decide(rotation, at(rotation.seq));
  if (action.kind === "turn-back") {
    const by = { kind: "engine", id: "keyturn" } as const;
    return apply(rotation, [{ type: "turned_back", by, reason: { ...action.reason } }]);
  }
  if (action.kind !== "run") return rotation;
  const { step } = action;
  if (turn.kind === "dies-before") return apply(rotation, [{ type: "step_started", step: step.id, attempt: 1 }]);
  if (turn.kind === "fails")
    return apply(rotation, [...begun(step.id), { type: "step_failed", step: step.id, reason }]);
  if (step.kind === "publish") world.store = step;
  if (step.kind === "rollout") {
    const count = turn.kind === "half" ? turn.restarted : instances;
    for (let each = 0; each < count; each += 1) {
      world.running[each] = world.store;
      check(world);
    }
  }
  if (step.kind === "soak" && turn.kind === "done") world.known = listedBy(world);
  if (turn.kind === "rewinds" && step.kind === "watch") {
    return apply(rotation, [...begun(step.id), { type: "rewound", from: "publish-2", reason }]);
  }
  return apply(rotation, turn.kind === "done" ? done(step.id) : begun(step.id));
}

/** What every instance lists. */
function listedBy({ running }: World): World["known"] {
  return ["current", "pending"].filter((slot) => running.every((each) => acceptedBy(each).includes(slot)));
}

function acceptedBy(holding: World["store"]): readonly (string | undefined)[] {
  return [holding.slot, "accepted" in holding ? holding.accepted : undefined];
}

/** Who reads the list anew at the worst moment forgets what one instance does not list. */
function check(world: World): void {
  const { running } = world;
  for (const { slot } of running) {
    for (const other of running) {
      if (!acceptedBy(other).includes(slot))
        throw new Error(`one instance signs with ${slot}, another is on ${nameOf(other)}`);
    }
  }
  const listed = listedBy(world);
  world.known = world.known.filter((slot) => listed.includes(slot));
  for (const { slot } of running) {
    if (!world.known.includes(slot)) throw new Error(`a reader that keeps the list does not know ${slot}`);
  }
}

function nameOf(holding: World["store"]): string {
  return "accepted" in holding && holding.accepted !== undefined ? `${holding.slot}+${holding.accepted}` : holding.slot;
}

function wayBack(plan: Plan, events: readonly Event[]): string[] {
  const ids: string[] = [];
  const first = foldRotation("r1", [{ seq: 1, at: at(0), epoch: 1, event: requested(plan) }]);
  if (first === undefined) return ids;
  const by = { kind: "slack", id: "U-ada", team: "T1" } as const;
  let rotation = apply(first, [approved, ...events, { type: "turned_back", by, reason }]);
  for (;;) {
    const action = decide(rotation, at(rotation.seq));
    if (action.kind !== "run") return ids;
    ids.push(action.step.id);
    rotation = apply(rotation, done(action.step.id));
  }
}

function apply(rotation: Rotation, events: readonly Event[]): Rotation {
  return events.reduce((sum, event) => evolve(sum, { seq: sum.seq + 1, at: at(sum.seq), epoch: 1, event }), rotation);
}

describe("the accept test and the sign test", () => {
  it.each([
    ["works", "again"],
    ["broken", "done"],
  ] as const)("ask for the old credential as far as it worked before: %s", async (present, kind) => {
    const plan = planOf({ overlap: "accept-first", triedAt: "consumer", present });
    for (const [stepId, run] of [
      ["accept", runAccept],
      ["sign", runSign],
    ] as const) {
      const { scene, context } = sceneOf(plan, stepId, []);
      scene.trial = (slot) =>
        slot === "current" ? { verdict: "refused", code: "401" } : { verdict: "accepted", ms: 1 };
      expect((await run(context)).kind, stepId).toBe(kind);
    }
  });
});

describe("a laggard", () => {
  const plan = planOf({ overlap: "accept-first", triedAt: "consumer" });
  const another = { verdict: "refused", code: "another key at api-2" } as const;

  it.each([
    ["watch", "rewind"],
    ["recheck", "again"],
    ["grace", "again"],
  ] as const)("that uses the old key in %s: %s, and is named", async (stepId, kind) => {
    const { scene, context } = sceneOf(plan, stepId, [...done("publish"), ...done("publish-2"), ...done("publish-3")]);
    const run = { watch: runWatchWithdrawn, recheck: runRecheck, grace: runGrace }[stepId];
    const issuer = { ...(await context.open.issuer()), signs: async () => another };
    const result = await run({ ...context, open: { ...context.open, issuer: async () => issuer } });
    expect(result.kind).toBe(kind);
    const said = result.kind === "rewind" ? result.reason.sentence : JSON.stringify(scene.events);
    expect(said).toContain("not every instance uses the new credential (another key at api-2)");
  });

  it("makes the grace begin anew: what it made with the old key lives as long as it was promised to", () => {
    const by = { kind: "engine", id: "keyturn" } as const;
    const first = foldRotation("r1", [{ seq: 1, at: at(0), epoch: 1, event: requested(plan) }]);
    if (first === undefined) throw new Error("no rotation");
    const graced = apply(first, [approved, { type: "grace_changed", by, until: at(9), reason }]);
    expect(graced.graceUntil).toBe(at(9));
    expect(apply(graced, [{ type: "rewound", from: "publish-2", reason }]).graceUntil).toBeUndefined();
  });

  it.each([
    [2, false, "again"],
    [3, false, "blocked"],
    [3, true, "again"],
  ] as const)("seen %i times (a person looked: %s): the next withdrawal is %s", async (times, looked, kind) => {
    const rewound: Event = { type: "rewound", from: "publish-2", reason };
    const { scene, context } = sceneOf(
      plan,
      "publish-3",
      Array.from({ length: times }, () => rewound),
    );
    scene.seconds = 1;
    if (looked) {
      const by = { kind: "slack", id: "U-ada", team: "T1" } as const;
      await context.record([{ type: "unblocked", by, verb: "look-again" }]);
    }
    expect((await runPublish(context)).kind).toBe(kind);
    expect(scene.rotation().steps["publish-3"]?.effects).toEqual({});
  });
});
