import { describe, expect, it } from "vitest";
import { aboutOf, writeDetail } from "../../src/core/about.ts";
import { decide, mayTurnBack, moves } from "../../src/core/decide.ts";
import { GiveUp, TryLater } from "../../src/core/errors.ts";
import type { Event } from "../../src/core/events.ts";
import { leftoversOf, liveNow } from "../../src/core/live.ts";
import type { Plan } from "../../src/core/plan.ts";
import type { Issuer, Trial } from "../../src/core/ports.ts";
import { answerPress } from "../../src/core/presses.ts";
import { Secret } from "../../src/core/secret.ts";
import { collectSlot } from "../../src/core/state.ts";
import { runCollect } from "../../src/core/steps/collect.ts";
import { runConfirm } from "../../src/core/steps/confirm.ts";
import { waitingStep } from "../../src/core/waiting.ts";
import { approved, begun, done, handedInPlan, rotationOf } from "./samples.ts";
import { sceneOf } from "./stub-context.ts";

const ada = { kind: "slack", id: "U-ada", team: "T1" } as const;
const fresh = { key: new Secret("fresh-key"), password: new Secret("fresh-password") };
const brought: Event = { type: "collected", step: "collect", by: ada, link: "l1" };
const before = [approved, ...done("preflight")];

/** `collect` where the issuer answers as told, and where the sealed slots are those given. */
function collectScene(told: {
  readonly values?: Readonly<Record<string, Secret>>;
  readonly trial?: Trial;
  readonly identify?: Issuer["identify"];
  readonly plan?: Plan;
  readonly unstorable?: string;
}) {
  const { values = fresh, trial = { verdict: "accepted", ms: 1 }, plan = handedInPlan() } = told;
  const { scene, context } = sceneOf(plan, "collect", [...before, brought]);
  const slots = new Map([[collectSlot("l1"), values]]);
  const kept: { slot: string; position: string }[] = [];
  scene.trial = () => trial;
  const identify: Issuer["identify"] =
    told.identify ?? (async (fields) => ({ ...fields, ref: { principal: "pesaflow", generation: "two" } }));
  scene.strayed = "";
  const stores: typeof context.open.stores = async () =>
    (await context.open.stores()).map((store) => ({ ...store, unstorable: async () => told.unstorable }));
  const changed: typeof context = {
    ...context,
    unseal: async (slot) => slots.get(slot) ?? {},
    credential: async (slot) => (slot === "current" ? context.credential("current") : undefined),
    open: { ...context.open, stores, issuer: async () => ({ ...(await context.open.issuer()), identify }) },
    record: async (events, seals = [], destroySlots = []) => {
      kept.push(...seals.map(({ slot, position }) => ({ slot, position })));
      for (const slot of destroySlots) slots.delete(slot);
      await context.record(events);
    },
  };
  return { scene, context: changed, slots, kept };
}

describe("collect", () => {
  it("asks loudly for a person at once and every `remind`, and goes on waiting", async () => {
    const { scene, context } = sceneOf(handedInPlan(), "collect", before);
    const waiting = { ...context, credential: async () => undefined };
    expect(await runCollect(waiting)).toEqual({ kind: "again", afterMs: 3_600_000 });
    scene.seconds = 1_800;
    expect(await runCollect(waiting)).toEqual({ kind: "again", afterMs: 1_800_000 });
    scene.seconds = 3_700;
    await runCollect(waiting);
    const said = scene.events.flatMap((event) => (event.type === "noted" && event.loud ? [event] : []));
    expect(said.map(({ topic, sentence }) => [topic, sentence.slice(0, 28)])).toEqual([
      ["ask", "waiting for a person to hand"],
      ["ask", "still waiting for a person t"],
    ]);
  });

  it("keeps what the issuer accepts: sealed as the new credential, and nowhere else any more", async () => {
    const { scene, context, slots, kept } = collectScene({});
    expect(await runCollect(context)).toMatchObject({ kind: "done" });
    expect(scene.events).toEqual([
      { type: "proposed", ref: { principal: "pesaflow", generation: "two" }, public: { key: "fresh-key" } },
    ]);
    expect(kept).toEqual([{ slot: "pending", position: "password" }]);
    expect(slots.size).toBe(0);
  });

  it.each([
    ["what the issuer refuses", { trial: { verdict: "refused", code: "401" } as const }, "401"],
    ["the value that is in use", { values: { password: new Secret("password-current") } }, "same_value"],
    [
      "what fits no target, without repeating it",
      { identify: () => Promise.reject(new GiveUp("odd", "fresh-password is odd")) },
      "odd",
    ],
  ])("destroys %s, says only the code, and asks again", async (_what, told, code) => {
    const { scene, context, slots } = collectScene(told);
    expect((await runCollect(context)).kind).toBe("again");
    expect(slots.size).toBe(0);
    expect(scene.events[0]).toMatchObject({ type: "noted", topic: "verdict", detail: { code }, loud: true });
    expect(JSON.stringify(scene.events)).not.toContain("fresh-password");
    expect(await runCollect(context)).toMatchObject({ kind: "again" });
    expect(scene.rotation().pending).toBeUndefined();
  });

  const joined = handedInPlan();
  const url = { URL: { template: "{{key}}:{{password}}" } };
  const inOneText = { ...joined, publishes: joined.publishes.map((publish) => ({ ...publish, values: url })) };

  it.each([
    [
      "what a template cannot carry",
      { plan: inOneText, values: { ...fresh, key: new Secret("fresh:key") } },
      'env-file .env cannot hold it: "key" holds a character that this template cannot carry',
    ],
    [
      "what a store would not give back",
      { unstorable: "URL" },
      "env-file .env cannot hold it: the value of URL could not be read back the same",
    ],
  ])(
    "destroys %s although the issuer accepts it, says where and nothing of it, and asks again",
    async (_w, told, why) => {
      const { scene, context, slots, kept } = collectScene(told);
      expect((await runCollect(context)).kind).toBe("again");
      expect([slots.size, kept]).toEqual([0, []]);
      expect(scene.events[0]).toMatchObject({ topic: "verdict", detail: { code: "not_carried" }, loud: true });
      expect(JSON.stringify(scene.events[0])).toContain(JSON.stringify(why).slice(1, -1));
      expect(JSON.stringify(scene.events)).not.toMatch(/fresh/);
      expect(scene.rotation().pending).toBeUndefined();
      expect(waitingStep(scene.rotation(), "collect")?.id).toBe("collect");
    },
  );

  it("keeps what every place can hold, several fields in one text included", async () => {
    const { context, kept } = collectScene({ plan: inOneText });
    expect(await runCollect(context)).toMatchObject({ kind: "done" });
    expect(kept).toHaveLength(1);
  });

  it("a refusal means later while a new one may not work yet; no clear answer is none", async () => {
    const plan = handedInPlan();
    const slow = { ...plan, rotator: { ...plan.rotator, issueWithinMs: 30_000 } };
    const refusing = collectScene({ plan: slow, trial: { verdict: "refused", code: "401" } });
    expect(await runCollect(refusing.context)).toEqual({ kind: "again", afterMs: 1_000 });
    refusing.scene.seconds = 31;
    await runCollect(refusing.context);
    expect(refusing.slots.size).toBe(0);
    const unclear = collectScene({ trial: { verdict: "unknown", code: "503", sentence: "busy" } });
    expect(await runCollect(unclear.context)).toEqual({ kind: "again", afterMs: 1_000 });
    expect(unclear.slots.size).toBe(1);
  });

  it("keeps it while the issuer is away, and of that error passes on the code only", async () => {
    const away = () => Promise.reject(new TryLater("away", "fresh-password did not get through", { afterMs: 7 }));
    const { context, slots } = collectScene({ identify: away });
    await expect(runCollect(context)).rejects.toMatchObject({
      code: "away",
      message: "the value that was handed in could not be tried yet",
      afterMs: 7,
    });
    expect(slots.size).toBe(1);
  });

  it("where only consumers can try it, it is kept untried", async () => {
    const { context } = collectScene({
      plan: handedInPlan({ triedAt: "consumer" }),
      trial: { verdict: "refused", code: "401" },
    });
    expect(await runCollect(context)).toMatchObject({ kind: "done" });
  });
});

describe("confirm", () => {
  const plan = handedInPlan();
  const upToConfirm = [...before, ...done("collect"), ...done("issue"), ...done("publish")];

  it("asks, which counts as the effect, and ends with a person's word", async () => {
    const { scene, context } = sceneOf(plan, "back-confirm", [
      ...upToConfirm,
      { type: "proposed", ref: { principal: "pesaflow", generation: "two" }, public: {} },
    ]);
    expect(await runConfirm(context)).toMatchObject({ kind: "again" });
    expect(scene.events.map(({ type }) => type)).toEqual(["intended", "noted"]);
    await context.record([{ type: "confirmed", step: "back-confirm", by: ada, evidence: "seen in the portal" }]);
    expect(await runConfirm(context)).toEqual({
      kind: "done",
      sentence: "new credential revoked by a person, who confirmed it",
    });
  });

  it("a press counts only while one is waited for, and only with evidence", () => {
    const asked = rotationOf([...upToConfirm, ...begun("confirm", "revoke")], plan);
    const said = (text: string) => writeDetail({ text, about: aboutOf(asked, "confirm") });
    const detail = said(" done, ticket 7 ");
    const command = { id: "c", rotationId: "r1", verb: "confirm", actor: ada, at: "", detail };
    const now = asked.openedAt;
    const early = rotationOf(upToConfirm, plan);
    expect(answerPress(early, command, now)).toMatchObject([{ type: "refused", reason: { code: "older_card" } }]);
    expect(answerPress(early, { ...command, detail: "done" }, now)).toMatchObject([
      { type: "refused", reason: { code: "nothing_to_confirm" } },
    ]);
    expect(answerPress(asked, { ...command, detail: "done" }, now)).toMatchObject([
      { type: "refused", reason: { code: "older_card" } },
    ]);
    expect(answerPress(asked, { ...command, detail: said(" ") }, now)).toMatchObject([
      { reason: { code: "no_evidence" } },
    ]);
    expect(answerPress(asked, command, now)).toEqual([
      { type: "confirmed", step: "confirm", by: ada, evidence: "done, ticket 7" },
    ]);
    const over = rotationOf([...upToConfirm, ...begun("confirm", "revoke"), ...answerPress(asked, command, now)], plan);
    expect(waitingStep(over, "confirm")).toBeUndefined();
  });

  it("once asked there is no way back, nobody else is kept waiting, and abandoning leaves a to-do", () => {
    const asked = rotationOf([...upToConfirm, ...begun("confirm", "revoke")], plan);
    expect(mayTurnBack(rotationOf(upToConfirm, plan), "person")).toBe(true);
    expect(mayTurnBack(asked, "person")).toBe(false);
    const step = plan.steps.find(({ kind }) => kind === "confirm");
    expect(step === undefined || moves(asked, step)).toBe(false);
    expect(leftoversOf(asked, "closed").map(({ sentence }) => sentence)).toContain(
      "the old credential (app_a) is to be revoked by a person, who has not confirmed it",
    );
  });
});

describe("a value that was handed in", () => {
  const proposed: Event = { type: "proposed", ref: { principal: "pesaflow", generation: "two" }, public: {} };

  it("is alive before it is issued: the way back ends it, and a stopped rotation names it", () => {
    const turned: Event = { type: "turned_back", by: ada, reason: { code: "asked", sentence: "asked" } };
    const rotation = rotationOf([...before, ...begun("collect"), proposed, turned], handedInPlan());
    expect(liveNow(rotation)).toContain("the new one (pesaflow) was handed in");
    expect(decide(rotation, rotation.openedAt)).toMatchObject({ kind: "run", step: { id: "back-confirm" } });
  });

  it("counts only while the rotation waits for one", () => {
    const command = { id: "c", rotationId: "r1", verb: "collected", actor: ada, at: "", detail: "l1" };
    const waiting = rotationOf([...before, ...begun("collect")], handedInPlan());
    expect(answerPress(waiting, command, waiting.openedAt)).toEqual([brought]);
    const over = rotationOf([...before, ...begun("collect"), proposed], handedInPlan());
    expect(answerPress(over, command, over.openedAt)).toMatchObject([{ reason: { code: "nothing_to_collect" } }]);
  });

  it("is not waited for while a leaked one of the same target waits", () => {
    const command = { id: "c", rotationId: "r1", verb: "make-way", actor: ada, at: "", detail: "r2" };
    const waiting = rotationOf([...before, ...begun("collect")], handedInPlan());
    const answered = answerPress(waiting, command, waiting.openedAt);
    expect(answered.map(({ type }) => type)).toEqual(["overridden", "turned_back"]);
    const stopped = rotationOf([...before, ...begun("collect"), ...answered], handedInPlan());
    expect(decide(stopped, stopped.openedAt)).toEqual({ kind: "end", status: "rolled_back" });
    const brought = rotationOf([...before, ...begun("collect"), proposed], handedInPlan());
    expect(answerPress(brought, command, brought.openedAt).map(({ type }) => type)).toEqual(["overridden"]);
  });

  it("single: it can be stopped until something was handed in, and never after", () => {
    const plan = handedInPlan({ overlap: "single" });
    const waiting = [...before, ...done("announce"), ...begun("collect")];
    expect(plan.back).toEqual([]);
    expect(mayTurnBack(rotationOf(waiting, plan), "person")).toBe(true);
    expect(mayTurnBack(rotationOf([...waiting, proposed], plan), "person")).toBe(false);
    const failed: Event = { type: "step_failed", step: "test", reason: { code: "test_refused", sentence: "refused" } };
    const issued = rotationOf([...waiting, proposed, ...done("collect"), ...done("issue"), failed], plan);
    expect(decide(issued, issued.openedAt)).toMatchObject({ kind: "block", step: "test" });
  });
});
