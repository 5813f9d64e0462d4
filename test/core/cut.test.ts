import { describe, expect, it } from "vitest";
import { compose } from "../../src/core/algebra.ts";
import { awaitsCut, cutBegan, waitsForCut } from "../../src/core/cut.ts";
import { decide, moves } from "../../src/core/decide.ts";
import type { Event } from "../../src/core/events.ts";
import type { Plan } from "../../src/core/plan.ts";
import { answerPress } from "../../src/core/presses.ts";
import { beforeCut, runAnnounce } from "../../src/core/steps/announce.ts";
import { runIssue } from "../../src/core/steps/issue.ts";
import { measuredCut } from "../../src/core/steps/measured-cut.ts";
import { runRollout } from "../../src/core/steps/rollout.ts";
import { approved, at, begun, done, handedInPlan, planOf, policy, rotationOf } from "./samples.ts";
import { sceneOf, settled } from "./stub-context.ts";

/** The samples begin on a Monday at 10:00 UTC. */
const window = { text: "Mon 12:00-16:00", zone: "UTC", days: [1], fromMinute: 720, toMinute: 960 };
const noticeMs = 900_000;

function cutPlan(change: Partial<Plan> = {}, triedAt: "issuer" | "consumer" = "issuer"): Plan {
  return { ...planOf({ overlap: "single", triedAt }), noticeMs, ...change };
}

/** Everything before a step was done. */
function before(plan: Plan, step: string): Event[] {
  const index = plan.steps.findIndex(({ id }) => id === step);
  return [approved, ...plan.steps.slice(0, index).flatMap(({ id }) => done(id))];
}

function announcing(plan: Plan = cutPlan()) {
  return sceneOf(plan, "announce", before(plan, "announce"));
}

const skip: Event = {
  type: "overridden",
  by: ["U-ada"],
  verb: "retire-now",
  gates: ["grace", "window", "notice"],
  digest: "",
};

describe("announce", () => {
  it("comes before all else, so that nothing is published and nobody is kept out while it waits", () => {
    const plan = cutPlan();
    const rotation = rotationOf([approved], plan);
    const action = decide(rotation, at(1));
    expect(action).toMatchObject({ kind: "run", step: { kind: "announce" } });
    expect(plan.steps.filter((step) => moves(rotation, step)).map(({ id }) => id)).toEqual([
      ...["publish", "issue", "test", "rollout", "verify"],
    ]);
  });

  it("says once that a cut comes, and waits until Slack has accepted that long enough before", async () => {
    const { scene, context } = announcing();
    expect(await runAnnounce(context)).toMatchObject({ kind: "again", afterMs: 2_000 });
    scene.seconds = 60;
    expect(await runAnnounce(context)).toMatchObject({ kind: "again", afterMs: 2_000 });
    const loud = scene.events.filter((event) => event.type === "noted" && event.loud);
    expect(loud).toMatchObject([{ topic: "cut" }]);

    scene.notices.set("cut", at(70));
    scene.seconds = 80;
    expect(await runAnnounce(context)).toMatchObject({ kind: "again", afterMs: 60_000 });
    const said = scene.rotation().steps["announce"]?.notes["gates"]?.sentence;
    expect(said).toBe(`waiting: people were told, but not long enough ago; not before ${at(970)}`);
    scene.seconds = 969.9;
    expect(await runAnnounce(context)).toMatchObject({ kind: "again" });
    scene.seconds = 970;
    expect(await runAnnounce(context)).toMatchObject({ kind: "done" });
  });

  it("the notice of a retirement is none of a cut", async () => {
    const { scene, context } = announcing(cutPlan({ noticeMs: 0 }));
    scene.notices.set("retire", at(0));
    expect(await runAnnounce(context)).toMatchObject({ kind: "again" });
    scene.notices.set("cut", at(0));
    expect(await runAnnounce(context)).toMatchObject({ kind: "done" });
  });

  it.each([
    ["before it opens", 0, at(7_200)],
    ["too near to its end for what comes before the cut", 6 * 3_600 - 120, at(7 * 86_400 + 7_200)],
    ["after its end", 6 * 3_600, at(7 * 86_400 + 7_200)],
  ])("waits for the window: %s", async (_, seconds, opening) => {
    const { scene, context } = announcing(cutPlan({ noticeMs: 0, policy: { ...policy, retire: window } }));
    Object.assign(scene, { seconds });
    scene.notices.set("cut", at(0));
    expect(await runAnnounce(context)).toMatchObject({ kind: "again", afterMs: 60_000 });
    expect(scene.rotation().steps["announce"]?.notes["gates"]?.sentence).toMatch(`not before ${opening}`);
    scene.seconds = 7_200;
    expect(await runAnnounce(context)).toMatchObject({ kind: "done" });
  });

  it("a window of a few minutes opens too", async () => {
    const retire = { ...window, fromMinute: 600, toMinute: 604 };
    const { scene, context } = announcing(cutPlan({ noticeMs: 0, policy: { ...policy, retire } }));
    scene.notices.set("cut", at(0));
    scene.seconds = 119;
    expect(await runAnnounce(context)).toMatchObject({ kind: "done" });
  });

  it("a leaked one waits for neither, and people are told all the same", async () => {
    const plan = { ...cutPlan({ policy: { ...policy, retire: window } }), cause: "leaked" as const };
    const { scene, context } = announcing(plan);
    expect(await runAnnounce(context)).toMatchObject({ kind: "done" });
    expect(scene.events).toContainEqual(expect.objectContaining({ type: "noted", topic: "cut", loud: true }));
  });

  it("the full policy skips both", async () => {
    const plan = cutPlan({ policy: { ...policy, retire: window } });
    const { context } = sceneOf(plan, "announce", [approved, skip]);
    expect(await runAnnounce(context)).toMatchObject({ kind: "done" });
  });

  it("while Slack accepts nothing it waits up to graceMax, and then a person is asked", async () => {
    const { scene, context } = announcing();
    scene.seconds = 10_800;
    expect(await runAnnounce(context)).toMatchObject({ kind: "again" });
    scene.seconds = 10_801;
    expect(await runAnnounce(context)).toMatchObject({ kind: "blocked", reason: { code: "gates_stay_shut" } });
  });
});

describe("the step that cuts", () => {
  const plan = cutPlan({ noticeMs: 0, policy: { ...policy, retire: window } });
  /** Held over the end of the window. */
  const late = 6 * 3_600;

  it("issue: looks at its gates once more, loudly, with what the stores hold", async () => {
    const { scene, context } = sceneOf(plan, "issue", before(plan, "issue"));
    scene.notices.set("cut", at(0));
    scene.seconds = late;
    expect(await runIssue(context)).toMatchObject({ kind: "again" });
    const loud = scene.events.flatMap((event) => (event.type === "noted" && event.loud ? [event.sentence] : []));
    expect(loud).toEqual([expect.stringMatching(/^waiting: outside Mon .*; stores .* hold the new value already/)]);
    expect(cutBegan(scene.rotation())).toBeUndefined();
  });

  it("issue, where the issuer makes it: nothing was published before it, and nothing is said of stores", async () => {
    const minted = { ...plan, rotator: { ...plan.rotator, origin: "minted" as const } };
    const made = { ...minted, ...compose({ ...minted.rotator, present: "works" }) };
    const { scene, context } = sceneOf(made, "issue", before(made, "issue"));
    scene.notices.set("cut", at(0));
    scene.seconds = late;
    expect(await runIssue(context)).toMatchObject({ kind: "again" });
    expect(scene.rotation().steps["issue"]?.notes["gates"]?.sentence).not.toContain("stores");
  });

  it("issue, where a person brought it: that cut has happened already, and nothing waits", async () => {
    const plan = { ...handedInPlan({ overlap: "single" }), noticeMs };
    const { context } = sceneOf(plan, "issue", before(plan, "issue"));
    expect(await beforeCut(context)).toBeUndefined();
  });

  it("roll-out, where only consumers can try it: nobody is restarted while a gate is shut", async () => {
    const atStart = cutPlan({ noticeMs: 0 }, "consumer");
    const { scene, context } = sceneOf(atStart, "rollout", before(atStart, "rollout"));
    scene.instances = [{ ...settled, on: "old" }];
    expect(await runRollout(context)).toMatchObject({ kind: "again" });
    expect(scene.reloads).toEqual([]);
    scene.notices.set("cut", at(0));
    await runRollout(context);
    expect(scene.reloads).toEqual(["one"]);
  });

  it("a key that somebody has changed since the publish keeps it shut", async () => {
    const { scene, context } = sceneOf(plan, "issue", before(plan, "issue"));
    Object.assign(scene, { seconds: 7_200, strayed: "somebody else's" });
    scene.notices.set("cut", at(0));
    await runIssue(context);
    const said = scene.rotation().steps["issue"]?.notes["gates"]?.sentence;
    expect(said).toMatch(/env-file \.env: key URL does not hold what was published/);
  });

  it("once begun it goes on, whatever the gates say; the way back asks none of them", async () => {
    const begunAlready = [...before(plan, "rollout"), ...begun("rollout", "reload:x")];
    const { scene, context } = sceneOf(plan, "rollout", begunAlready);
    scene.seconds = late;
    expect(await runRollout(context)).toMatchObject({ kind: "done" });
    const back = sceneOf(plan, "back-issue", before(plan, "test"));
    back.scene.seconds = late;
    await expect(runIssue(back.context)).rejects.toThrow("this step does not call that");
  });

  it("nothing was in use before: nobody is refused, and there is no gate", async () => {
    const first = { ...planOf({ overlap: "single", triedAt: "consumer", present: "none" }), noticeMs };
    const { context } = sceneOf(first, "rollout", before(first, "rollout"));
    expect(await runRollout(context)).toMatchObject({ kind: "done" });
  });
});

describe("a measured cut", () => {
  const measured = async (cutMs: number | undefined, seconds: number) => {
    const base = cutPlan({}, "consumer");
    const plan = { ...base, rotator: { ...base.rotator, ...(cutMs === undefined ? {} : { cutMs }) } };
    const { scene, context } = sceneOf(plan, "rollout", before(plan, "rollout"));
    await context.effect("reload:one", async () => ({ detail: null }));
    const sentence = await measuredCut(context, at(seconds));
    return { sentence, loud: scene.events.filter((event) => event.type === "noted" && event.loud) };
  };

  it("is told beside what was announced", async () => {
    expect(await measured(60_000, 4.2)).toEqual({
      sentence: "; refusals were possible for 4.2 s (announced: at most 60 s)",
      loud: [],
    });
    expect((await measured(undefined, 4.2)).sentence).toBe("; refusals were possible for 4.2 s");
  });

  it("is told loudly when it was longer", async () => {
    const { sentence, loud } = await measured(60_000, 61);
    expect(sentence).toBe("; refusals were possible for 61 s (announced: at most 60 s)");
    expect(loud).toMatchObject([{ sentence: expect.stringMatching(/^the cut took longer than people were told/) }]);
  });

  it("is not said of a plan that cuts nobody", async () => {
    const plan = planOf();
    const { context } = sceneOf(plan, "rollout", [...before(plan, "rollout"), ...begun("revoke")]);
    expect(await measuredCut(context, at(9))).toBe("");
  });
});

describe("while a cut waits", () => {
  const plan = cutPlan();
  const waiting: readonly Event[] = [
    approved,
    { type: "step_started", step: "announce", attempt: 1 },
    { type: "noted", step: "announce", topic: "gates", key: "shut:notice", sentence: "", detail: null, loud: false },
  ];

  it("it may be hurried until it begins", () => {
    expect(waitsForCut(rotationOf([approved], plan))).toBe(false);
    expect(waitsForCut(rotationOf(waiting, plan))).toBe(true);
    expect(waitsForCut(rotationOf([...waiting, ...done("announce")], plan))).toBe(false);
    expect(awaitsCut(rotationOf([...waiting, ...done("announce")], plan))).toBe(true);
    expect(awaitsCut(rotationOf([...waiting, ...done("announce"), ...begun("issue")], plan))).toBe(false);
  });

  it("it makes way for a leaked one of the same target: one cut instead of two", () => {
    const by = { kind: "engine", id: "keyturn" } as const;
    const command = { id: "1", rotationId: "r1", verb: "make-way", actor: by, at: at(9), detail: "r2" };
    const types = (events: readonly Event[]) =>
      answerPress(rotationOf(events, plan), command, at(9)).map(({ type }) => type);
    expect(types(waiting)).toEqual(["overridden", "turned_back"]);
    expect(types([...waiting, ...done("announce"), ...begun("issue")])).toEqual(["overridden"]);
  });
});
