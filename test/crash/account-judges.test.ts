import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Event, StoredEvent } from "../../src/core/events.ts";
import { judgeKept, type Shown } from "./kept-session.ts";
import { judgeSets, outsideOfCut } from "./set-passwords.ts";

const at = (second: number): string => `2026-01-01T00:00:${String(second).padStart(2, "0")}.000Z`;
const step = (type: "intended" | "step_done", name: string): Event =>
  type === "intended" ? { type, step: name, effect: name } : { type, step: name, sentence: "", detail: {} };
type Line = readonly [second: number, event: Event];
const journalOf = (...events: readonly Line[]): readonly StoredEvent[] =>
  events.map(([second, event], index) => ({ seq: index + 1, at: at(second), epoch: 1, event }));

const ref = { principal: "p", generation: "g" };
const begun: Line = [1, { type: "step_started", step: "preflight", attempt: 1 }];
const proposed: Line = [4, { type: "proposed", ref, public: {} }];
const turned: Line = [
  12,
  { type: "turned_back", by: { kind: "slack", id: "U1", team: "T1" }, reason: { code: "pressed", sentence: "" } },
];
const done: Line = [20, { type: "ended", status: "done", sentence: "", leftovers: [] }];

describe("what is said of the session in a proposal", () => {
  const shown = (second: number, session: string, letIn: boolean): Shown => ({ session, letIn, at: at(second) });
  const whole = [shown(2, "a", true), shown(3, "b", true), shown(9, "b", false)];
  const journal = journalOf(begun, proposed, done);

  it.each<readonly [what: string, shown: readonly Shown[], said: readonly string[]]>([
    ["the last one is shown again", whole, []],
    ["it is never shown again", whole.slice(0, 2), ["the session in the proposal was never shown again"]],
    ["another one is shown", [...whole, shown(10, "a", false)], ["another session was shown later"]],
    ["another one is opened", [...whole, shown(5, "c", true)], ["another session was opened later"]],
    [
      "none was opened",
      whole.slice(2),
      ["no session was opened before the proposal", "another session was shown later"],
    ],
  ])("%s", (_what, seen, said) => {
    expect(judgeKept(seen, { journal })).toEqual(said);
  });
});

describe("what is said of the passwords that an administration API was asked to set", () => {
  const digest = (password: string): string => createHash("sha256").update(password).digest("hex");
  const asked = (...passwords: readonly string[]) =>
    passwords.map((password, index) => ({ at: at(5 + index), id: "7", digest: digest(password) }));
  const stored = (before: string, after: string) => ({
    storedBefore: `PASS=${before}\n`,
    storedAfter: `PASS=${after}\n`,
  });
  const judged = (sets: ReturnType<typeof asked>, back: boolean, kills: number) =>
    judgeSets(
      sets,
      {
        journal: back ? journalOf(begun, turned) : journalOf(begun, done),
        killedAt: Array.from({ length: kills }, () => "somewhere"),
        ...stored("old", back ? "old" : "new"),
      },
      { id: "7", variable: "PASS" },
    );

  it("nothing, when it is the new one, and the old one on the way back, again once for each kill", () => {
    expect(judged(asked("new"), false, 0)).toEqual([]);
    expect(judged(asked("new", "new"), false, 1)).toEqual([]);
    expect(judged(asked("new", "old"), true, 0)).toEqual([]);
  });

  it.each([
    ["again without a kill", asked("new", "new"), false, ["2 passwords were set"]],
    ["one after the other", asked("newer", "new"), false, ["2 passwords were set one after the other"]],
    ["not the published one", asked("newer"), false, ["the password that was set last is not the published one"]],
    [
      "not set back",
      asked("new"),
      true,
      ["1 passwords were set one after the other", "the password that was set last is not the published one"],
    ],
    [
      "for somebody else",
      asked("new").map((set) => ({ ...set, id: "8" })),
      false,
      ["another user was given a password"],
    ],
  ])("%s", (_what, sets, back, said) => {
    expect(judged(sets, back, 0)).toEqual(said);
  });

  it("a refusal is named unless it lies between the change and the end of the roll-out", () => {
    const journal = journalOf(begun, [5, step("intended", "issue")], [8, step("step_done", "rollout")], done);
    expect(outsideOfCut({ journal }, [at(0), at(5), at(8)])).toEqual([]);
    expect(outsideOfCut({ journal }, [at(4), at(9)])).toHaveLength(2);
  });
});
