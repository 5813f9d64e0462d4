import { digestOf } from "./canonical.ts";
import { mayTurnBack } from "./decide.ts";
import type { Explanation } from "./errors.ts";
import { headlineOf } from "./headline.ts";
import type { Rotation } from "./rotation.ts";
import type { Vote } from "./state.ts";
import { elapsedMs } from "./time.ts";

/** Verbs that need the full policy again (DESIGN section 8). */
export const overrideVerbs = ["retire-now", "abandon", "roll-back"] as const;
export type OverrideVerb = (typeof overrideVerbs)[number];

/** Votes for an override are valid this long. */
export const overrideValidMs = 600_000;

/** Why this verb cannot be used on this rotation now, whoever agrees. Undefined: it can. */
export function refuseOverride(rotation: Rotation, verb: OverrideVerb): Explanation | undefined {
  if (rotation.phase !== "approved") {
    const sentence = rotation.phase === "ended" ? "this rotation has ended" : "it was not approved yet; cancel it";
    return { code: rotation.phase === "ended" ? "ended" : "not_approved", sentence };
  }
  switch (verb) {
    case "abandon":
      return undefined;
    case "retire-now":
      return rotation.direction === "forward"
        ? undefined
        : { code: "going_back", sentence: "it is going back; the old credential stays" };
    case "roll-back":
      return mayTurnBack(rotation, "person")
        ? undefined
        : {
            code: "no_way_back",
            sentence: rotation.direction === "back" ? "it is going back already" : "the point of no return lies behind",
          };
  }
}

/** What people vote on: the rotation, the verb, and the evidence as it stands. It changes when any of these does. */
export function overrideDigest(rotation: Rotation, verb: OverrideVerb): string {
  const gates = Object.fromEntries(
    Object.entries(rotation.steps).map(([id, state]) => [id, state.notes["gates"]?.key ?? ""]),
  );
  const { status } = headlineOf(rotation);
  return digestOf({
    rotation: rotation.id,
    verb,
    status,
    direction: rotation.direction,
    gates,
    skipped: [...rotation.skipped],
    block: rotation.block === undefined ? "" : `${rotation.block.step} ${rotation.block.reason.code}`,
    again: rotation.enabledAgain,
    plan: rotation.digest,
  });
}

/** The subject under which such votes are stored: one vote per person and state of the evidence. */
export function overrideSubject(verb: OverrideVerb, digest: string): string {
  return `${verb}:${digest.slice(0, 16)}`;
}

/** The votes on a subject that are valid at `now`. */
export function overrideVotes(votes: readonly Vote[], subject: string, now: string): readonly Vote[] {
  return votes.filter((vote) => isAbout(vote, subject) && elapsedMs(vote.at, now) < overrideValidMs);
}

/** Where a person's next vote on it is stored: a vote that ran out does not stand in the way of a new one. */
export function nextSubject(votes: readonly Vote[], subject: string, voter: string, now: string): string {
  const mine = votes.filter((vote) => isAbout(vote, subject) && vote.actor.id === voter);
  const ranOut = mine.filter((vote) => elapsedMs(vote.at, now) >= overrideValidMs).length;
  return ranOut === 0 ? subject : `${subject}#${String(ranOut)}`;
}

function isAbout(vote: Vote, subject: string): boolean {
  return vote.subject === subject || vote.subject.startsWith(`${subject}#`);
}
