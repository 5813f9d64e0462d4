import { describe, expect, it } from "vitest";
import type { Event } from "../../src/core/events.ts";
import { answerPress } from "../../src/core/presses.ts";
import type { Rotation } from "../../src/core/rotation.ts";
import { approved, at, begun, done, planOf, rotationOf } from "./samples.ts";

const by = { kind: "slack", id: "U-ada", team: "T1" } as const;
const reason = { code: "x", sentence: "y" };
const upTo = (last: string): Event[] => {
  const { steps } = planOf();
  return [approved, ...steps.slice(0, steps.findIndex(({ id }) => id === last) + 1).flatMap(({ id }) => done(id))];
};
const grace: Event = { type: "grace_changed", by, until: at(3_600), reason };
const inGrace = [...upTo("verify"), { type: "step_started", step: "grace", attempt: 1 } as const, grace];

function press(rotation: Rotation, verb: string, detail = "", seconds = 100): readonly Event[] {
  return answerPress(rotation, { id: "1", rotationId: "r1", verb, actor: by, at: at(seconds), detail }, at(seconds));
}
const kinds = (events: readonly Event[]) =>
  events.map((event) => (event.type === "refused" ? event.reason.code : event.type));

describe("answerPress", () => {
  it.each<[string, readonly Event[], string, readonly string[]]>([
    ["hold", upTo("issue"), "hold", ["held"]],
    ["a second hold", [...upTo("issue"), { type: "held", by, until: at(9), because: "" }], "hold", ["not_holdable"]],
    ["hold on the way back", [...upTo("issue"), { type: "turned_back", by, reason }], "hold", ["not_holdable"]],
    ["resume", [...upTo("issue"), { type: "held", by, until: at(9), because: "" }], "resume", ["resumed"]],
    ["resume of what is not held", upTo("issue"), "resume", ["not_held"]],
    ["roll back", upTo("watch"), "roll-back", ["turned_back"]],
    ["roll back before approval", [], "roll-back", ["cancelled", "ended"]],
    [
      "roll back after the point of no return",
      [...upTo("recheck-2"), ...begun("revoke")],
      "roll-back",
      ["no_way_back"],
    ],
    ["roll back twice", [...upTo("issue"), { type: "turned_back", by, reason }], "roll-back", ["no_way_back"]],
    [
      "look again",
      [...upTo("issue"), { type: "blocked", step: "test", reason, live: "" }],
      "look-again",
      ["unblocked"],
    ],
    [
      "look again at a failed step",
      [
        ...upTo("issue"),
        ...begun("test"),
        { type: "step_failed", step: "test", reason },
        { type: "blocked", step: "test", reason, live: "" },
      ],
      "look-again",
      ["unblocked", "step_started"],
    ],
    ["look again at what is not blocked", upTo("issue"), "look-again", ["not_blocked"]],
    ["cancel", [], "cancel", ["cancelled", "ended"]],
    ["cancel after approval", [approved], "cancel", ["approved_already"]],
    ["make way", inGrace, "make-way", ["overridden", "grace_changed"]],
    ["void", [], "void", ["cancelled", "ended"]],
    ["void after approval", [approved], "void", ["approved_already"]],
    [
      "make way while held",
      [...inGrace, { type: "held", by, until: at(9), because: "" }],
      "make-way",
      ["resumed", "overridden", "grace_changed"],
    ],
    ["an unknown verb", [approved], "explode", ["unknown_verb"]],
    ["anything after the end", [{ type: "ended", status: "done", sentence: "", leftovers: [] }], "hold", ["ended"]],
  ])("%s", (_, events, verb, expected) => {
    expect(kinds(press(rotationOf(events), verb))).toEqual(expected);
  });

  it("a hold ends when the policy says", () => {
    expect(press(rotationOf([approved]), "hold")).toEqual([expect.objectContaining({ until: at(100 + 14_400) })]);
  });

  it("extends the grace by what was asked, and not beyond graceMax from its beginning", () => {
    const rotation = rotationOf(inGrace);
    const began = Date.parse(rotation.steps["grace"]?.startedAt ?? "");
    const untilOf = (events: readonly Event[]) =>
      events.map((event) => (event.type === "grace_changed" ? event.until : ""));
    expect(untilOf(press(rotation, "extend-grace", "1800000"))).toEqual([at(3_600 + 1_800)]);
    expect(untilOf(press(rotation, "extend-grace", "999999999"))).toEqual([new Date(began + 10_800_000).toISOString()]);
  });

  it.each(["", "-1000", "0", "NaN", "Infinity", "1.5", "soon"])(
    "does not shorten or break the grace by %j",
    (detail) => {
      expect(kinds(press(rotationOf(inGrace), "extend-grace", detail))).toEqual(["not_a_duration"]);
    },
  );

  it("there is no grace to extend for a leaked one, nor once the old one is being retired", () => {
    expect(kinds(press(rotationOf(inGrace, planOf({ cause: "leaked" })), "extend-grace", "1000"))).toEqual(["leaked"]);
    expect(kinds(press(rotationOf([...inGrace, ...begun("disable")]), "extend-grace", "1000"))).toEqual(["no_grace"]);
  });
});
