import type { ApprovalResult } from "../core/approval.ts";
import type { StoredEvent } from "../core/events.ts";
import type { Part } from "./parts.ts";
import { type Line, quote, say } from "./parts.ts";
import { counted, named, separated, who } from "./words.ts";

/** How a request was decided: what its card says once the buttons are gone. Undefined while it is pending. */
export function decisionOf(events: readonly StoredEvent[]): Line | undefined {
  return events.map(decided).find((line) => line !== undefined);
}

function decided({ event, at }: StoredEvent): Line | undefined {
  if (event.type === "approved") {
    return [{ text: "approved by " }, ...votersOf(event.votes), { text: ", " }, { at }];
  }
  if (event.type === "rejected") {
    return [
      { text: "rejected by " },
      who(event.by),
      { text: ", " },
      { at },
      ...(event.because === "" ? [] : [{ text: ": " }, quote(event.because)]),
    ];
  }
  if (event.type === "cancelled") {
    return [
      { text: "cancelled by " },
      who(event.by),
      { text: ", " },
      { at },
      { text: ": " },
      ...say(event.reason.sentence),
    ];
  }
  if (event.type === "expired") {
    return [{ text: "expired: nobody decided in time, " }, { at }];
  }
  return event.type === "ended" ? [...say(event.sentence), { text: ", " }, { at }] : undefined;
}

/** "Ada (security) and Lin (oncall)" */
export function votersOf(votes: readonly { readonly by: string; readonly line: string }[]): readonly Part[] {
  const people = votes.map(({ by, line }) => [who({ kind: "slack", id: by }), { text: ` (${named(line)})` }]);
  return people.flatMap((parts, index) =>
    index === 0 ? parts : [{ text: index === people.length - 1 ? " and " : ", " }, ...parts],
  );
}

/** "1 of 2: @security still needed"; the whole number of votes when nothing is known yet. */
export function stillNeeded(approval: ApprovalResult): Line {
  const needed = approval.lines.reduce((sum, { min }) => sum + min, 0);
  const missing = approval.lines.filter((line) => line.missing > 0);
  const have = needed - missing.reduce((sum, line) => sum + line.missing, 0);
  const names = missing.map(
    ({ label, missing: count }): Part => ({
      text: count === 1 ? label : `${label} (${counted(count, "person").replace("persons", "people")})`,
    }),
  );
  return [
    { text: `${String(have)} of ${String(needed)}${missing.length === 0 ? "" : ": "}` },
    ...separated(names, ", "),
    ...(missing.length === 0 ? [] : [{ text: " still needed" }]),
  ];
}
