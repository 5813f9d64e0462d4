import { describe, expect, it } from "vitest";
import type { Event } from "../../src/core/events.ts";
import {
  nextSubject,
  overrideDigest,
  overrideSubject,
  overrideVotes,
  refuseOverride,
} from "../../src/core/overrides.ts";
import type { Rotation } from "../../src/core/rotation.ts";
import { approved, at, begun, done, planOf, rotationOf, voteOf } from "./samples.ts";

const by = { kind: "slack", id: "U-ada" } as const;
const reason = { code: "laggard", sentence: "one was refused" };
const upTo = (last: string): Event[] => {
  const { steps } = planOf();
  return [approved, ...steps.slice(0, steps.findIndex(({ id }) => id === last) + 1).flatMap(({ id }) => done(id))];
};
const gates = (key: string): Event => ({
  type: "noted",
  step: "recheck",
  topic: "gates",
  key,
  sentence: key,
  detail: null,
  loud: true,
});
const waiting = [...upTo("grace"), ...begun("recheck"), gates("shut:window")];

describe("overrideDigest", () => {
  const digest = overrideDigest(rotationOf(waiting), "retire-now");

  it("stays the same while the evidence does", () => {
    const note: Event = {
      type: "noted",
      step: "recheck",
      topic: "progress",
      key: "other",
      sentence: "",
      detail: null,
      loud: false,
    };
    expect(overrideDigest(rotationOf([...waiting, note]), "retire-now")).toBe(digest);
  });

  it.each<[string, readonly Event[]]>([
    ["a gate opens or shuts", [...waiting, gates("shut:consumers,window")]],
    ["it is blocked", [...waiting, { type: "blocked", step: "recheck", reason, live: "" }]],
    ["it is held", [...waiting, { type: "held", by, until: at(99), because: "" }]],
    ["it goes back", [...waiting, { type: "turned_back", by, reason }]],
    [
      "gates were skipped already, so the same votes act once",
      [...waiting, { type: "overridden", by: ["U-ada"], verb: "retire-now", gates: ["grace"], digest: "" }],
    ],
  ])("is another one when %s", (_, events) => {
    expect(overrideDigest(rotationOf(events), "retire-now")).not.toBe(digest);
  });

  it("differs by verb, by rotation and by plan", () => {
    const rotation = rotationOf(waiting);
    expect(overrideDigest(rotation, "abandon")).not.toBe(digest);
    expect(overrideDigest({ ...rotation, id: "r2" }, "retire-now")).not.toBe(digest);
    expect(overrideDigest({ ...rotation, digest: "digest-two" }, "retire-now")).not.toBe(digest);
  });
});

describe("overrideVotes", () => {
  const subject = overrideSubject("abandon", "0123456789abcdef0123");
  const vote = (voter: string, seconds: number, about = subject) => voteOf(voter, { subject: about, at: at(seconds) });

  it("are valid for ten minutes", () => {
    const votes = [vote("U-ada", 0), vote("U-lin", 1)];
    expect(overrideVotes(votes, subject, at(599))).toHaveLength(2);
    expect(overrideVotes(votes, subject, at(600))).toHaveLength(1);
    expect(overrideVotes(votes, subject, at(601))).toEqual([]);
  });

  it("are about one state of the evidence only", () => {
    const other = overrideSubject("abandon", "fedcba98765432100123");
    expect(overrideVotes([vote("U-ada", 0, other), vote("U-ada", 0, "plan")], subject, at(1))).toEqual([]);
  });

  it("one that ran out does not stand in the way of a new one by the same person", () => {
    const first = vote("U-ada", 0);
    expect(nextSubject([first], subject, "U-ada", at(599))).toBe(subject);
    const again = nextSubject([first], subject, "U-ada", at(700));
    expect(again).not.toBe(subject);
    expect(overrideVotes([first, vote("U-ada", 700, again)], subject, at(701))).toHaveLength(1);
    expect(nextSubject([first], subject, "U-lin", at(700))).toBe(subject);
  });
});

describe("refuseOverride", () => {
  const codes = (rotation: Rotation) =>
    (["retire-now", "abandon", "roll-back"] as const).map((verb) => refuseOverride(rotation, verb)?.code);
  it.each<[string, readonly Event[], readonly (string | undefined)[]]>([
    ["a request", [], ["not_approved", "not_approved", "not_approved"]],
    ["before the point of no return", waiting, [undefined, undefined, undefined]],
    ["after it", [...upTo("recheck-2"), ...begun("revoke")], [undefined, undefined, "no_way_back"]],
    ["going back", [...waiting, { type: "turned_back", by, reason }], ["going_back", undefined, "no_way_back"]],
    ["ended", [{ type: "ended", status: "cancelled", sentence: "", leftovers: [] }], ["ended", "ended", "ended"]],
  ])("%s", (_, events, expected) => {
    expect(codes(rotationOf(events))).toEqual(expected);
  });
});
