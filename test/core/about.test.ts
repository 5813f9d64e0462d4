import { describe, expect, it } from "vitest";
import { aboutOf, outdated, readDetail, writeDetail } from "../../src/core/about.ts";
import { compose } from "../../src/core/algebra.ts";
import type { Event } from "../../src/core/events.ts";
import { answerPress, type PressVerb, pressVerbs } from "../../src/core/presses.ts";
import type { Rotation } from "../../src/core/rotation.ts";
import { runAccept } from "../../src/core/steps/accept.ts";
import { askTopic, waitingStep } from "../../src/core/waiting.ts";
import { approved, at, begun, done, planOf, rotationOf } from "./samples.ts";
import { sceneOf } from "./stub-context.ts";

const by = { kind: "slack", id: "U-ada", team: "T1" } as const;
const reason = { code: "x", sentence: "y" };
const sample = planOf({ overlap: "accept-first", usage: "none", disable: false });
const plan = { ...sample, ...compose({ ...sample.rotator, present: "works" }), unasked: ["edge"] };

/** Everything before a step is done, and the step asks a person. */
function asking(step: string): readonly Event[] {
  const before = plan.steps.slice(
    0,
    plan.steps.findIndex(({ id }) => id === step),
  );
  return [approved, ...before.flatMap(({ id }) => done(id)), ...begun(step).slice(0, 1), ask(step)];
}
function ask(step: string): Event {
  return { type: "noted", step, topic: askTopic, key: "round 0", sentence: "edge?", detail: null, loud: true };
}
function press(rotation: Rotation, verb: PressVerb, text: string, about: string | undefined): readonly Event[] {
  const detail = writeDetail({ text, about });
  return answerPress(rotation, { id: "1", rotationId: "r1", verb, actor: by, at: at(100), detail }, at(100));
}
const kinds = (events: readonly Event[]) =>
  events.map((event) => (event.type === "refused" ? event.reason.code : event.type));

describe("a confirmation", () => {
  it("answers the question of its form, and not the one that is asked when it arrives", () => {
    const [first, second] = [rotationOf(asking("accept"), plan), rotationOf(asking("sign"), plan)];
    const about = aboutOf(first, "confirm");
    expect(press(first, "confirm", "edge ACCEPTS it", about)).toMatchObject([{ type: "confirmed", step: "accept" }]);
    expect(press(second, "confirm", "edge ACCEPTS it", about)).toMatchObject([
      { type: "refused", reason: { code: "older_card", sentence: expect.stringContaining(titleOf("sign")) } },
    ]);
    expect(press(second, "confirm", "edge USES it", aboutOf(second, "confirm"))).toMatchObject([
      { type: "confirmed", step: "sign" },
    ]);
  });

  it("answers no later attempt, and none after a laggard was accepted again", () => {
    const events = asking("sign");
    const first = rotationOf(events, plan);
    const about = aboutOf(first, "confirm");
    const failed: readonly Event[] = [
      { type: "step_failed", step: "sign", reason },
      { type: "blocked", step: "sign", reason, live: "" },
    ];
    const stopped = rotationOf([...events, ...failed], plan);
    const again = rotationOf([...events, ...failed, ...press(stopped, "look-again", "", undefined)], plan);
    expect(again.steps["sign"]).toMatchObject({ status: "started", attempt: 2 });
    expect(kinds(press(again, "confirm", "seen", about))).toEqual(["older_card"]);
    const rewound = rotationOf(
      [...events, { type: "rewound", from: "sign", reason }, ...asking("sign").slice(-2)],
      plan,
    );
    expect(aboutOf(rewound, "confirm")).toBeDefined();
    expect(kinds(press(rewound, "confirm", "seen", about))).toEqual(["older_card"]);
  });

  it("that was given before somebody looked again at a block is asked for anew", async () => {
    const events = asking("accept");
    const said = press(rotationOf(events, plan), "confirm", "seen", aboutOf(rotationOf(events, plan), "confirm"));
    const stopped: readonly Event[] = [
      ...events,
      ...said,
      { type: "step_failed", step: "accept", reason },
      { type: "blocked", step: "accept", reason, live: "" },
    ];
    const before = [...stopped, ...press(rotationOf(stopped, plan), "look-again", "", undefined)];
    expect(waitingStep(rotationOf(before, plan), "confirm")?.id).toBe("accept");
    const { scene, context } = sceneOf(plan, "accept", events.slice(0, -2));
    await context.record(said);
    expect(await runAccept(context)).toMatchObject({ kind: "done" });
    scene.seconds = 5;
    await context.record([
      { type: "blocked", step: "accept", reason, live: "" },
      { type: "unblocked", by, verb: "look-again" },
    ]);
    expect(await runAccept(context)).toMatchObject({ kind: "again" });
  });
});

describe("other presses", () => {
  const { steps } = planOf();
  const upTo = (last: string): readonly Event[] => [
    approved,
    ...steps.slice(0, steps.findIndex(({ id }) => id === last) + 1).flatMap(({ id }) => done(id)),
  ];
  const block = (code: string): Event => ({ type: "blocked", step: "test", reason: { ...reason, code }, live: "" });
  const hold = (seconds: number): Event => ({ type: "held", by, until: at(seconds), because: "" });
  const grace = (seconds: number): Event => ({ type: "grace_changed", by, until: at(seconds), reason });
  const lifted: Event = { type: "unblocked", by, verb: "look-again" };
  const inGrace = [...upTo("verify"), ...begun("grace").slice(0, 1), grace(3_600)];

  it.each<[PressVerb, readonly Event[], readonly Event[]]>([
    ["look-again", [...upTo("issue"), block("one")], [lifted, block("one")]],
    ["resume", [...upTo("issue"), hold(9)], [{ type: "resumed", by }, hold(99)]],
    ["extend-grace", inGrace, [grace(7_200)]],
  ])("%s answers what its card shows, and nothing later", (verb, shown, since) => {
    const [card, now] = [rotationOf(shown), rotationOf([...shown, ...since])];
    expect(kinds(press(card, verb, "1000", aboutOf(card, verb)))).not.toContain("older_card");
    expect(kinds(press(now, verb, "1000", aboutOf(card, verb)))).toEqual(["older_card"]);
    expect(kinds(press(now, verb, "1000", undefined)), "what is typed is about what stands now").not.toContain(
      "older_card",
    );
    expect(outdated(now, verb, "")?.sentence, "an old button says nothing").toMatch(/^this answers .*; now: /);
  });

  it("a roll-back from before the cut is no second cut, and before it any card will do", () => {
    const cutting = planOf({ overlap: "single" });
    const upToCut = cutting.steps.slice(
      0,
      cutting.steps.findIndex(({ id }) => id === cutting.pointOfNoReturn),
    );
    const before = [approved, ...upToCut.flatMap(({ id }) => done(id))];
    const [card, now] = [rotationOf(before, cutting), rotationOf([...before, ...begun("issue")], cutting)];
    expect(kinds(press(card, "roll-back", "", aboutOf(rotationOf([approved], cutting), "roll-back")))).toEqual([
      "turned_back",
    ]);
    expect(kinds(press(now, "roll-back", "", aboutOf(card, "roll-back")))).toEqual(["older_card"]);
    expect(kinds(press(now, "roll-back", "", aboutOf(now, "roll-back")))).toEqual(["turned_back"]);
  });

  it("two presses on one card extend the grace once", () => {
    const card = rotationOf(inGrace);
    const about = aboutOf(card, "extend-grace");
    const once = press(card, "extend-grace", "1000", about);
    expect(kinds(once)).toEqual(["grace_changed"]);
    expect(kinds(press(rotationOf([...inGrace, ...once]), "extend-grace", "1000", about))).toEqual(["older_card"]);
  });

  it("one person's roll-back of a leaked credential does not count once it was disabled meanwhile", () => {
    const leaked = planOf({ cause: "leaked" });
    const before = [approved, ...leaked.steps.slice(0, 4).flatMap(({ id }) => done(id))];
    expect(kinds(press(rotationOf(before, leaked), "roll-back", "", undefined))).toEqual(["turned_back"]);
    const disabled = rotationOf([...before, ...begun("disable")], leaked);
    expect(kinds(press(disabled, "roll-back", "", undefined))).toEqual(["needs_full_policy"]);
  });

  it("anybody's words for a hold are words", () => {
    const words = JSON.stringify({ about: "x", text: "y" });
    expect(press(rotationOf(upTo("issue")), "hold", words, undefined)).toMatchObject([
      { type: "held", because: words },
    ]);
    expect(pressVerbs.filter((verb) => outdated(rotationOf(upTo("issue")), verb, "x") !== undefined)).toEqual([
      "resume",
      "roll-back",
      "look-again",
      "extend-grace",
      "confirm",
    ]);
    expect(readDetail("1800000")).toEqual({ text: "1800000", about: undefined });
  });
});

function titleOf(step: string): string {
  return plan.steps.find(({ id }) => id === step)?.title ?? "no such step";
}
