import { describe, expect, it } from "vitest";
import type { Event } from "../../src/core/events.ts";
import { evolve, foldRotation, type Rotation } from "../../src/core/rotation.ts";
import { milestone } from "../../src/views/milestone.ts";
import type { Mention } from "../../src/views/parts.ts";
import { journey, oddEvents, requested, rotationId, stored } from "./sample.ts";

const platform: Mention = { kind: "group", id: "S0PLATFORM" };
const mention = (label: string) => (label === "@platform" ? platform : undefined);

/** The thread below a rotation, as notifications show it. */
function thread(events: readonly Event[]): string[] {
  let rotation: Rotation | undefined;
  return stored(events).flatMap((each) => {
    rotation = rotation === undefined ? foldRotation(rotationId, [each]) : evolve(rotation, each);
    const text =
      rotation === undefined ? undefined : milestone(each, { rotation, mention, auditHead: "9ac0ffee" })?.text;
    return text === undefined ? [] : text.split("\n");
  });
}

describe("the thread of a rotation", () => {
  it("tells a whole journey in the words of a runbook", () => {
    expect(thread(journey())).toEqual([
      "approved by <@U0ADA> (security) and <@U0LIN> (oncall), plan 3f9a1c",
      "new credential issued (app), test login with the new credential passed, with every published value (12 ms)",
      "published to env-file /srv/app/.env, 1 key, version 8123 -&gt; 8131",
      "rolled out: command app 2 of 2, all on the new value",
      "verified: health 200 redis=healthy (3 in a row)",
      "grace begins: both credentials work until <!date^1795340400^{date_short_pretty} {time}|2026-11-22 09:40 UTC>",
      "notice: the old credential will be disabled not before <!date^1795340400^{date_short_pretty} {time}|2026-11-22 09:40 UTC>",
      "then it is watched for 10 min before it is revoked; whoever still uses it says so now, or presses Hold",
      "old credential: 1 connection is older than the publish (10.0.3.7, since <!date^1795252320^{date_short_pretty} {time}|2026-11-21 09:12 UTC>)",
      "nobody has used the old credential since <!date^1795340460^{date_short_pretty} {time}|2026-11-22 09:41 UTC>",
      "old credential disabled; it can still be enabled again",
      "watched since <!date^1795341300^{date_short_pretty} {time}|2026-11-22 09:55 UTC>: no instance of the plan was refused, old credential revoked",
      "proved: old credential refused (WRONGPASS; accepted by the same probe before), new accepted",
      "done, <!date^1795253432^{date_short_pretty} {time}|2026-11-21 09:30 UTC>",
      "audit head 9ac0ffee",
    ]);
  });

  it("says for every odd turn who did it, why, and who has to act", () => {
    const said = oddEvents.map((event) =>
      thread([requested(), event]).map((line) => line.replaceAll(/<!date\^\d+\^[^|]*\|([^>]*)>/g, "$1")),
    );
    expect(said).toMatchInlineSnapshot(`
      [
        [
          "rejected by <@U0ADA>: “not before the weekend”",
        ],
        [
          "cancelled by <@U0OLIVIA>: cancelled before it was approved",
        ],
        [],
        [
          "held by <@U0ADA> until 2026-11-21 13:30 UTC: “a release is running”",
        ],
        [
          "resumed by <@U0ADA>",
        ],
        [
          "going back: a person asked to roll back (<@U0ADA>)",
        ],
        [
          ":warning: blocked: the old credential is still used",
          "live now: the old credential (app) works; the new one (app) was issued",
          "what you can do: restart who is named, then press Look again; Look again, Roll back where there is a way, or Abandon: the buttons stand on the first message",
          "to act: <!subteam^S0PLATFORM> <!subteam^S0SECURITY> <!subteam^S0ONCALL>",
        ],
        [
          "look again: <@U0ADA>",
        ],
        [
          "a person extended the grace (<@U0ADA>); grace until 2026-11-23 09:40 UTC",
        ],
        [
          "retire now: agreed by <@U0ADA>, <@U0LIN>; skipped: grace, window, notice",
        ],
        [
          "back to "Grace: both credentials work": app-2 was refused with the old credential; the old credential works again and the rotation waits; restart who is named",
          "to act: <!subteam^S0PLATFORM>",
        ],
        [
          "hold by <@U0ADA> was not done: it is held already",
        ],
        [
          "Verify health and logs on the new credential failed: http /health: 503; the thread shows what was seen",
        ],
        [
          "consumers are back on the old credential",
        ],
        [
          "closed with leftovers: abandoned by the full policy; what was left alive is listed, 2026-11-21 09:30 UTC",
          "to do: the old credential (app) was not revoked",
          "audit head 9ac0ffee",
        ],
      ]
    `);
  });

  it("begins each line with target and id in a thread that others use too", () => {
    const lines = thread([requested({ origin: { channel: "C0SUPPORT", threadTs: "1.2" } }), ...journey().slice(1)]);
    expect(lines.length).toBeGreaterThan(10);
    expect(lines.filter((line) => !line.startsWith(`redis prod (${rotationId}): `))).toEqual([]);
  });

  it("announces no notice for a leaked credential", () => {
    const lines = thread([requested({ plan: { cause: "leaked" } }), ...journey().slice(1)]);
    expect(lines.join("\n")).toContain("it leaked: look through the last 30 days");
    expect(lines.join("\n")).not.toContain("notice:");
  });
});
