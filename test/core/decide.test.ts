import { describe, expect, it } from "vitest";
import { decide, mayTurnBack } from "../../src/core/decide.ts";
import type { Event } from "../../src/core/events.ts";
import type { Plan } from "../../src/core/plan.ts";
import { evolve, type Rotation } from "../../src/core/rotation.ts";
import { approved, at, begun, done, planOf, policy, rotationOf } from "./samples.ts";

const engine = { kind: "engine", id: "keyturn" } as const;
const reason = { code: "check_red", sentence: "red" };
const upTo = (last: string, plan: Plan = planOf()): Event[] => {
  const steps = plan.steps.slice(0, plan.steps.findIndex(({ id }) => id === last) + 1);
  return [approved, ...steps.flatMap(({ id }) => done(id))];
};
const failed = (step: string): readonly Event[] => [...begun(step), { type: "step_failed", step, reason }];

describe("decide", () => {
  it.each<[string, readonly Event[], Plan, number, object]>([
    ["waits for approval", [], planOf(), 1, { kind: "wait", for: "approval", until: at(1_800) }],
    ["expires what nobody approved", [], planOf(), 1_800, { kind: "expire" }],
    ["begins with the preflight", [approved], planOf(), 5, { kind: "run", step: { id: "preflight" } }],
    ["goes on with the next step", upTo("issue"), planOf(), 60, { kind: "run", step: { id: "test" } }],
    [
      "runs a step again whose end is unknown",
      [...upTo("test"), ...begun("publish")],
      planOf(),
      60,
      { kind: "run", step: { id: "publish" } },
    ],
    ["ends done", upTo("prove"), planOf(), 60, { kind: "end", status: "done" }],
    [
      "goes back by itself when a check fails",
      [...upTo("rollout"), ...failed("verify")],
      planOf(),
      60,
      { kind: "turn-back" },
    ],
    [
      "holds instead where the policy says so",
      [...upTo("rollout"), ...failed("verify")],
      planOf({ policy: { ...policy, onFailure: "hold" } }),
      60,
      { kind: "block", step: "verify" },
    ],
    [
      "holds instead where the old one is broken",
      [...upTo("rollout"), ...failed("verify")],
      planOf({ present: "broken" }),
      60,
      { kind: "block", step: "verify" },
    ],
    [
      "goes back on a first rotation",
      [...upTo("rollout"), ...failed("verify")],
      planOf({ present: "none" }),
      60,
      { kind: "turn-back" },
    ],
    [
      "never goes back after the point of no return",
      [...upTo("recheck-2"), ...failed("revoke")],
      planOf(),
      60,
      { kind: "block", step: "revoke" },
    ],
    [
      "a leaked one that was disabled is not enabled by going back by itself",
      [...upTo("watch"), ...failed("recheck-2")],
      planOf({ cause: "leaked" }),
      60,
      { kind: "block", step: "recheck-2" },
    ],
    [
      "a leaked one that works still goes back by itself",
      [...upTo("rollout"), ...failed("verify")],
      planOf({ cause: "leaked" }),
      60,
      { kind: "turn-back" },
    ],
    [
      "single: no way back by itself after the cut",
      [...upTo("rollout", planOf({ overlap: "single" })), ...failed("verify")],
      planOf({ overlap: "single" }),
      60,
      { kind: "block", step: "verify" },
    ],
    [
      "waits while held",
      [...upTo("issue"), { type: "held", by: engine, until: at(900), because: "" }],
      planOf(),
      60,
      { kind: "wait", for: "resume", until: at(900) },
    ],
    [
      "waits for a person while blocked",
      [...upTo("issue"), { type: "blocked", step: "test", reason, live: "" }],
      planOf(),
      60,
      { kind: "wait", for: "person" },
    ],
  ])("%s", (_, events, plan, seconds, expected) => {
    expect(decide(rotationOf(events, plan), at(seconds))).toMatchObject(expected);
  });

  it("the way back skips what was never begun, and an intent counts as begun", () => {
    expect(ran(rotationOf([approved, ...done("preflight"), turnedBack]))).toEqual([]);
    expect(ran(rotationOf([approved, ...done("preflight"), ...begun("issue"), turnedBack]))).toEqual([
      "back-enable",
      "back-disable",
      "back-revoke",
      "back-prove",
    ]);
    expect(ran(rotationOf([...upTo("test"), ...begun("publish"), turnedBack]))).toEqual([
      "back-enable",
      "back-publish",
      "back-rollout",
      "back-test",
      "back-verify",
      "back-idle",
      "back-disable",
      "back-revoke",
      "back-prove",
    ]);
  });

  it("after an enable-again and its rewind, the way back enables it once more, which changes nothing", () => {
    const rewound: Event = { type: "rewound", from: "grace", reason };
    const rotation = rotationOf([...upTo("disable"), ...begun("watch", "enable-again"), rewound, turnedBack]);
    expect(Object.keys(rotation.steps)).toEqual(["preflight", "issue", "test", "publish", "rollout", "verify"]);
    expect(rotation.enabledAgain).toBe(1);
    expect(ran(rotation)[0]).toBe("back-enable");
  });

  it("a leaked one that is valid again is never closed as rolled back", () => {
    const plan = planOf({ cause: "leaked" });
    const rotation = rotationOf(
      [...upTo("verify", plan), turnedBack, ...plan.back.flatMap(({ id }) => done(id))],
      plan,
    );
    expect(decide(rotation, at(900))).toMatchObject({ kind: "block", reason: { code: "leaked_still_valid" } });
  });

  it("a hold does not stop a way back", () => {
    const hold: Event = { type: "held", by: engine, until: at(900), because: "" };
    expect(decide(rotationOf([...upTo("verify"), turnedBack, hold]), at(60))).toMatchObject({ kind: "run" });
  });
});

const turnedBack: Event = { type: "turned_back", by: engine, reason };

/** Which steps the way back runs when each of them succeeds. */
function ran(rotation: Rotation): string[] {
  const ids: string[] = [];
  let now = rotation;
  for (;;) {
    const action = decide(now, at(900));
    if (action.kind !== "run") return ids;
    ids.push(action.step.id);
    now = apply(now, done(action.step.id));
  }
}

function apply(rotation: Rotation, events: readonly Event[]): Rotation {
  return events.reduce((sum, event) => evolve(sum, { seq: sum.seq + 1, at: at(sum.seq), epoch: 1, event }), rotation);
}

describe("mayTurnBack", () => {
  it("dual: by anybody before revoke was begun, by nobody after", () => {
    const before = rotationOf(upTo("recheck-2"));
    const after = rotationOf([...upTo("recheck-2"), ...begun("revoke")]);
    expect([mayTurnBack(before), mayTurnBack(before, "person")]).toEqual([true, true]);
    expect([mayTurnBack(after), mayTurnBack(after, "person")]).toEqual([false, false]);
  });

  it("single: after the cut by a person only, and only where the old one worked", () => {
    const plan = planOf({ overlap: "single" });
    const cut = rotationOf([...upTo("publish", plan), ...begun("issue")], plan);
    expect([mayTurnBack(cut), mayTurnBack(cut, "person")]).toEqual([false, true]);
    const broken = planOf({ overlap: "single", present: "broken" });
    const cutBroken = rotationOf([...upTo("publish", broken), ...begun("issue")], broken);
    expect(mayTurnBack(cutBroken, "person")).toBe(false);
  });

  it("single, applied at start: by itself while consumers do not start on the new one; once they do, by a person only", () => {
    const plan = planOf({ overlap: "single", triedAt: "consumer" });
    const crashed = rotationOf([...upTo("publish", plan), ...failed("rollout")], plan);
    expect(decide(crashed, at(60))).toMatchObject({ kind: "turn-back", reason });
    const settled = rotationOf([...upTo("rollout", plan), ...failed("test")], plan);
    expect(decide(settled, at(60))).toMatchObject({ kind: "block", step: "test" });
    expect([mayTurnBack(settled), mayTurnBack(settled, "person")]).toEqual([false, true]);
    const broken = planOf({ overlap: "single", triedAt: "consumer", present: "broken" });
    expect(mayTurnBack(rotationOf([...upTo("publish", broken), ...failed("rollout")], broken))).toBe(false);
  });
});
