import { describe, expect, it } from "vitest";
import type { Event } from "../../src/core/events.ts";
import { evolve, foldRotation, pastNoReturn, touchedKind } from "../../src/core/rotation.ts";
import { approved, at, begun, done, planOf, requested, rotationOf } from "./samples.ts";

const by = { kind: "slack", id: "U-ada" } as const;
const reason = { code: "x", sentence: "y", hint: "z" };

describe("foldRotation", () => {
  it("gives nothing for an empty journal, and refuses one that does not begin with a request", () => {
    expect(foldRotation("r1", [])).toBeUndefined();
    expect(() => foldRotation("r1", [{ seq: 1, at: at(0), epoch: 1, event: approved }])).toThrow(
      /begins with approved/,
    );
  });

  it("refuses a second request", () => {
    const second = { seq: 2, at: at(1), epoch: 1, event: requested() };
    expect(() => evolve(rotationOf([]), second)).toThrow(/second request/);
  });

  it("folds the same whether it is folded at once or in parts", () => {
    const events: Event[] = [approved, ...done("preflight"), ...done("issue"), ...begun("test")];
    const whole = rotationOf(events);
    const parts = events.reduce(
      (sum, event, index) => evolve(sum, { seq: index + 2, at: at(index + 1), epoch: 1, event }),
      rotationOf([]),
    );
    expect(parts).toEqual(whole);
  });

  it("keeps the first time of an intent, of a start and of issue", () => {
    const issued: Event = { type: "issued", ref: { principal: "app_b", generation: "two" }, public: {} };
    const rotation = rotationOf([
      ...begun("issue"),
      issued,
      ...begun("issue"),
      issued,
      { type: "outcome", step: "issue", effect: "issue", detail: 1 },
    ]);
    expect(rotation.issuedAt).toBe(at(3));
    expect(rotation.steps["issue"]).toMatchObject({
      startedAt: at(1),
      effects: { issue: { outcomeAt: at(7), detail: 1 } },
    });
  });

  it("does not count the time that a step stood in line for a lock before it started", () => {
    const inLine = { topic: "lock", key: "r2", sentence: "waiting", detail: null, loud: true };
    const rotation = rotationOf([
      { type: "noted", step: "publish", ...inLine },
      ...begun("publish"),
      ...begun("publish"),
    ]);
    expect(rotation.steps["publish"]?.startedAt).toBe(at(2));
  });

  it("an intent without an outcome counts as touched", () => {
    const rotation = rotationOf(begun("revoke"));
    expect([touchedKind(rotation, "revoke"), touchedKind(rotation, "disable"), pastNoReturn(rotation)]).toEqual([
      true,
      false,
      true,
    ]);
    expect(pastNoReturn(rotationOf([{ type: "step_started", step: "revoke", attempt: 1 }]))).toBe(false);
  });

  it("a rewind forgets the steps from there on, and counts", () => {
    const { steps } = planOf();
    const rotation = rotationOf([
      ...steps.slice(0, 10).flatMap(({ id }) => done(id)),
      { type: "rewound", from: "grace", reason },
    ]);
    expect(Object.keys(rotation.steps)).toEqual(["preflight", "issue", "test", "publish", "rollout", "verify"]);
    expect(rotation.enabledAgain).toBe(1);
  });

  it("a rewind ends what the full policy had skipped before the laggard was known, and not what a leaked credential needs", () => {
    const skipped = (verb: string, gates: string[]) =>
      rotationOf([
        { type: "overridden", by: ["U-ada"], verb, gates, digest: "" },
        { type: "rewound", from: "grace", reason },
      ]).skipped;
    expect(skipped("retire-now", ["grace", "window", "notice"])).toEqual([]);
    expect(skipped("make-way", ["grace", "standby"])).toEqual(["grace", "standby"]);
  });

  it("turning back lifts a hold and a block; a resume and a look lift their own", () => {
    const held: Event = { type: "held", by, until: at(99), because: "" };
    const blocked: Event = { type: "blocked", step: "test", reason, live: "" };
    const turned = rotationOf([approved, held, blocked, { type: "turned_back", by, reason }]);
    expect([turned.hold, turned.block, turned.direction]).toEqual([undefined, undefined, "back"]);
    const looked = rotationOf([approved, held, blocked, { type: "unblocked", by, verb: "look-again" }]);
    expect([looked.hold?.until, looked.block, looked.lookedAgainAt]).toEqual([at(99), undefined, at(4)]);
    expect(rotationOf([approved, held, { type: "resumed", by }]).hold).toBeUndefined();
  });
});
