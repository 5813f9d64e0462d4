import { describe, expect, it } from "vitest";
import { nothingCut } from "../../src/core/cut.ts";
import { decide, mayTurnBack } from "../../src/core/decide.ts";
import { GiveUp, TryLater } from "../../src/core/errors.ts";
import type { Event } from "../../src/core/events.ts";
import type { Plan } from "../../src/core/plan.ts";
import type { Trial } from "../../src/core/ports.ts";
import type { StepContext, StepResult } from "../../src/core/step.ts";
import { runIssue } from "../../src/core/steps/issue.ts";
import { approved, at, begun, done, handedInPlan, planOf, policy, rotationOf } from "./samples.ts";
import { type Scene, sceneOf } from "./stub-context.ts";

const refusal = new GiveUp("value_refused", "it refuses password-pending (400)", { hint: "look at its rules" });
const reason = { code: "value_refused", sentence: "it refuses [secret] (400)", hint: "look at its rules" };
const accepted: Trial = { verdict: "accepted", ms: 1 };
const no: Trial = { verdict: "refused", code: "401" };
const unclear: Trial = { verdict: "unknown", code: "timeout", sentence: "" };

function cutPlan(deadWithinMs = 0, change: Partial<Plan> = {}): Plan {
  const plan = planOf({ overlap: "single" });
  return { ...plan, rotator: { ...plan.rotator, deadWithinMs }, ...change };
}

function upTo(plan: Plan, step: string): Event[] {
  const index = plan.steps.findIndex(({ id }) => id === step);
  return [approved, ...plan.steps.slice(0, index).flatMap(({ id }) => done(id))];
}

/** An issuer that answers `set` so, one answer after the other, and what the journal says after it. */
function issuing(plan: Plan, answers: readonly Error[], trials: { old: Trial; fresh: Trial }) {
  const { scene, context } = sceneOf(plan, "issue", upTo(plan, "issue"));
  scene.notices.set("cut", at(0));
  scene.trial = (slot) => (slot === "current" ? trials.old : trials.fresh);
  let calls = 0;
  const asked: StepContext = {
    ...context,
    plan,
    open: {
      ...context.open,
      issuer: async () => ({
        ...(await context.open.issuer()),
        issue: () => Promise.reject(answers[calls++] ?? new Error("one call too many")),
      }),
    },
  };
  return { scene, calls: () => calls, run: () => runIssue(asked), record: context.record };
}

function ended(scene: Scene, result: StepResult) {
  const failed: Event[] =
    result.kind === "failed" ? [{ type: "step_failed", step: "issue", reason: { ...result.reason } }] : [];
  return rotationOf(
    [...upTo(scene.rotation().plan, "issue"), ...begunAgain, ...scene.events, ...failed],
    scene.rotation().plan,
  );
}

const begunAgain: readonly Event[] = [{ type: "step_started", step: "issue", attempt: 1 }];

describe("an issuer that refuses to cut", () => {
  it("changed nothing where the old one still works: the way back is taken by itself, and asks the issuer for nothing", async () => {
    const { scene, run } = issuing(cutPlan(), [refusal], { old: accepted, fresh: no });
    const result = await run();
    expect(result).toEqual({ kind: "failed", reason });
    const rotation = ended(scene, result);
    expect(nothingCut(rotation)).toBe(true);
    expect(decide(rotation, at(60))).toEqual({ kind: "turn-back", reason });
    expect(JSON.stringify(scene.events)).not.toContain("password-pending");

    const turned: Event = { type: "turned_back", by: { kind: "engine", id: "keyturn" }, reason };
    const failed: Event = { type: "step_failed", step: "issue", reason };
    const before = [...upTo(cutPlan(), "issue"), ...begunAgain, ...scene.events, failed, turned];
    const back = sceneOf(cutPlan(), "back-issue", before);
    expect(await runIssue(back.context)).toMatchObject({
      kind: "done",
      sentence: expect.stringMatching(/^nothing was cut/),
    });
    back.scene.trial = () => no;
    await expect(runIssue(back.context)).rejects.toThrow("this step does not call that");
  });

  it.each([
    ["the old one is refused now", no, no],
    ["the new one is accepted all the same", no, accepted],
    ["both are accepted", accepted, accepted],
    ["neither can be told for a minute", unclear, unclear],
  ])("leaves it to a person where %s", async (_, old, fresh) => {
    const { scene, run } = issuing(cutPlan(), [refusal], { old, fresh });
    if (old === unclear) {
      expect(await run()).toEqual({ kind: "again", afterMs: 1_000 });
      scene.seconds = 60;
    }
    const result = await run();
    expect(result).toMatchObject({
      kind: "failed",
      reason: { code: "value_refused", sentence: expect.stringMatching(/; after that refusal/) },
    });
    const rotation = ended(scene, result);
    expect(decide(rotation, at(900))).toMatchObject({ kind: "block", step: "issue" });
    expect([mayTurnBack(rotation), mayTurnBack(rotation, "person")]).toEqual([false, true]);
  });

  it("is looked at when the old one could have died meanwhile, and is asked once, whoever goes on", async () => {
    const { scene, run, calls } = issuing(cutPlan(10_000), [refusal], { old: accepted, fresh: no });
    expect(await run()).toEqual({ kind: "again", afterMs: 10_000 });
    scene.seconds = 4;
    expect(await run()).toEqual({ kind: "again", afterMs: 6_000 });
    scene.seconds = 10;
    expect(await run()).toEqual({ kind: "failed", reason });
    expect(calls()).toBe(1);
  });

  it("a call without an answer is sent again, and may arrive for as long as one may take", async () => {
    const lost = new TryLater("timeout", "no answer");
    const { scene, run, record } = issuing(cutPlan(), [lost, refusal], { old: accepted, fresh: no });
    await expect(run()).rejects.toBe(lost);
    const trouble = {
      type: "noted",
      step: "issue",
      topic: "trouble",
      key: "timeout",
      sentence: "",
      detail: null,
    } as const;
    const told = [...upTo(cutPlan(), "issue"), ...begun("issue"), { ...trouble, loud: false }];
    expect(decide(rotationOf(told, cutPlan()), at(60))).toMatchObject({ kind: "run", step: { id: "issue" } });
    await record([{ ...trouble, loud: false }]);
    expect(await run()).toEqual({ kind: "again", afterMs: 10_000 });
    scene.seconds = 10;
    expect(await run()).toEqual({ kind: "failed", reason });
  });

  it("is asked again when a person has it tried again", async () => {
    const trials = { old: accepted, fresh: no };
    const { scene, run, record, calls } = issuing(cutPlan(10_000), [refusal, refusal], trials);
    await run();
    await record([
      { type: "step_failed", step: "issue", reason },
      { type: "step_started", step: "issue", attempt: 2 },
    ]);
    scene.seconds = 30;
    expect(await run()).toEqual({ kind: "again", afterMs: 10_000 });
    expect(calls()).toBe(2);
  });

  it("what was seen after an earlier attempt counts no more", async () => {
    const { scene, run } = issuing(cutPlan(), [refusal], { old: accepted, fresh: no });
    const first = ended(scene, await run());
    expect(nothingCut(first)).toBe(true);
    const again: readonly Event[] = [
      { type: "step_failed", step: "issue", reason },
      { type: "step_started", step: "issue", attempt: 2 },
    ];
    const second = (more: readonly Event[]) =>
      rotationOf([...upTo(cutPlan(), "issue"), ...begunAgain, ...scene.events, ...again, ...more], cutPlan());
    expect(nothingCut(second([]))).toBe(false);
    expect(nothingCut(second([{ type: "step_failed", step: "issue", reason }]))).toBe(false);
  });

  it("where the policy says hold, or the old one was broken, a person goes back", async () => {
    const held = cutPlan(0, { policy: { ...policy, onFailure: "hold" } });
    const broken: Plan = { ...cutPlan(), present: "broken" };
    for (const plan of [held, broken]) {
      const { scene, run } = issuing(plan, [refusal], { old: accepted, fresh: no });
      const rotation = ended(scene, await run());
      expect(decide(rotation, at(60))).toMatchObject({ kind: "block", step: "issue" });
      expect(mayTurnBack(rotation, "person")).toBe(true);
    }
  });

  it("elsewhere it is a failure as any other: where nothing leads back, and where nothing is cut", async () => {
    const made = handedInPlan({ overlap: "single" });
    for (const plan of [made, planOf()]) {
      const { run, scene } = issuing(plan, [refusal], { old: accepted, fresh: no });
      await expect(run()).rejects.toBe(refusal);
      expect(scene.rotation().steps["issue"]?.notes["refused"]).toBeUndefined();
    }
  });
});
