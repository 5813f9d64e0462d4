import { outdated, readDetail } from "./about.ts";
import { awaitsCut } from "./cut.ts";
import { isRetiring, mayTurnBack, retiringStep } from "./decide.ts";
import type { Explanation } from "./errors.ts";
import type { Event } from "./events.ts";
import { graceLimit } from "./grace-limit.ts";
import type { Rotation } from "./rotation.ts";
import type { Command } from "./state.ts";
import { plusMs } from "./time.ts";
import { waitingStep } from "./waiting.ts";

/** Verbs that a press, a message or the command line can bring. Who may use which is decided before, by `rights.ts`. */
export const pressVerbs = [
  "hold",
  "resume",
  "roll-back",
  "look-again",
  "extend-grace",
  "cancel",
  "confirm",
  "make-way",
  "void",
  "collected",
] as const;
export type PressVerb = (typeof pressVerbs)[number];

/** Why a request ends that was made of another catalog than the one that stands. */
export const stalePlan = {
  code: "stale_plan",
  sentence: "the catalog has changed since this plan was made, so the approvals are void; nothing was changed",
  hint: "request it again: the new card shows the plan as the catalog has it now",
} as const;

/**
 * What a press becomes. Pure. A press that does not fit the rotation any more becomes `refused`, with the reason: nobody
 * is left without an answer. One that was made for another question, block, hold or end of the grace than stands now does not fit.
 * `detail`: see `readDetail`; the text of `extend-grace` is a number of milliseconds.
 */
export function answerPress(rotation: Rotation, command: Command, now: string): readonly Event[] {
  const by = { ...command.actor };
  const refuse = (code: string, sentence: string): readonly Event[] => [
    { type: "refused", verb: command.verb, by, reason: { code, sentence } },
  ];
  if (rotation.phase === "ended") {
    return refuse("ended", "the rotation has ended");
  }
  const verb = pressVerbs.find((each) => each === command.verb);
  const { about } = readDetail(command.detail);
  const older = verb === undefined || about === undefined ? undefined : outdated(rotation, verb, about);
  if (older !== undefined) {
    return refuse(older.code, older.sentence);
  }
  switch (verb) {
    case "hold":
      return rotation.hold !== undefined || rotation.direction === "back"
        ? refuse("not_holdable", rotation.direction === "back" ? "a rollback is not held" : "it is held already")
        : [{ type: "held", by, until: plusMs(now, rotation.plan.policy.holdMs), because: command.detail }];
    case "resume":
      return rotation.hold === undefined ? refuse("not_held", "it is not held") : [{ type: "resumed", by }];
    case "roll-back":
      return rollBack(rotation, by, refuse);
    case "look-again":
      return rotation.block === undefined ? refuse("not_blocked", "it is not blocked") : lookAgain(rotation, by);
    case "extend-grace":
      return extend(rotation, command, by, refuse);
    case "cancel":
      return rotation.phase === "pending"
        ? cancel(by)
        : refuse("approved_already", "it was approved already; hold it or roll it back");
    case "void":
      return rotation.phase === "pending"
        ? cancel(by, { ...stalePlan })
        : refuse("approved_already", "it was approved already; step 1 looks at the catalog again");
    case "make-way":
      return makeWay(rotation, by, now);
    case "confirm":
      return confirm(rotation, command, by, refuse);
    case "collected": {
      const step = waitingStep(rotation, "collect");
      return step === undefined
        ? refuse("nothing_to_collect", "nothing waits for a value any more")
        : [{ type: "collected", step: step.id, by, link: command.detail }];
    }
    case undefined:
      return refuse("unknown_verb", "there is no such press");
  }
}

/** Whether a press of one person is not enough: a leaked credential that may be refused already would be brought back. */
export function needsFullPolicy(rotation: Rotation, verb: PressVerb): boolean {
  return verb === "roll-back" && rotation.plan.cause === "leaked" && isRetiring(rotation);
}

/** What such a press is told. */
export const wholePolicy = {
  code: "needs_full_policy",
  sentence: "rolling back a leaked credential after it was disabled needs the full policy again",
  hint: "press Roll back on the newest card: it collects the votes",
} as const;

type By = Extract<Event, { type: "held" }>["by"];
type Refuse = (code: string, sentence: string) => readonly Event[];

function rollBack(rotation: Rotation, by: By, refuse: Refuse): readonly Event[] {
  if (rotation.phase === "pending") {
    return cancel(by);
  }
  if (!mayTurnBack(rotation, "person")) {
    return refuse(
      "no_way_back",
      rotation.direction === "back" ? "it is going back already" : "the point of no return lies behind",
    );
  }
  // Between the press and this answer the old one may have been disabled.
  return needsFullPolicy(rotation, "roll-back")
    ? refuse(wholePolicy.code, wholePolicy.sentence)
    : [{ type: "turned_back", by, reason: { code: "asked", sentence: "a person asked to roll back" } }];
}

/** A failed step is started anew; everything else simply goes on. */
function lookAgain(rotation: Rotation, by: By): readonly Event[] {
  const step = rotation.block?.step ?? "";
  const attempt = (rotation.steps[step]?.attempt ?? 0) + 1;
  const again: readonly Event[] =
    rotation.steps[step]?.status === "failed" ? [{ type: "step_started", step, attempt }] : [];
  return [{ type: "unblocked", by, verb: "look-again" }, ...again];
}

function extend(rotation: Rotation, command: Command, by: By, refuse: Refuse): readonly Event[] {
  const byMs = Number(readDetail(command.detail).text);
  if (!Number.isSafeInteger(byMs) || byMs <= 0) {
    return refuse("not_a_duration", "it was not said by how long");
  }
  if (rotation.plan.cause === "leaked") {
    return refuse("leaked", "a leaked credential has no grace");
  }
  const until = rotation.graceUntil;
  const step = retiringStep(rotation);
  if (until === undefined || (step !== undefined && rotation.steps[step.id] !== undefined)) {
    return refuse("no_grace", "there is no grace to extend now");
  }
  const limit = graceLimit(rotation) ?? until;
  const wanted = plusMs(until, byMs);
  if (until >= limit) {
    return refuse("grace_max", "the grace is as long as the catalog allows");
  }
  return [
    {
      type: "grace_changed",
      by,
      until: wanted < limit ? wanted : limit,
      reason: { code: "extended", sentence: "a person extended the grace" },
    },
  ];
}

const cancelled: Explanation = { code: "cancelled", sentence: "cancelled before it was approved" };

function cancel(by: By, reason: Explanation = cancelled): readonly Event[] {
  return [
    { type: "cancelled", by, reason: { ...reason } },
    { type: "ended", status: "cancelled", sentence: reason.sentence, leftovers: [] },
  ];
}

/** Only where a person was asked to do it: before that the gates have not been looked at. */
function confirm(rotation: Rotation, command: Command, by: By, refuse: Refuse): readonly Event[] {
  const step = waitingStep(rotation, "confirm");
  if (step === undefined) {
    return refuse("nothing_to_confirm", "nothing waits to be confirmed now");
  }
  const { text, about } = readDetail(command.detail);
  if (about === undefined) {
    return refuse("older_card", "a confirmation says what it confirms");
  }
  const evidence = text.trim();
  return evidence === ""
    ? refuse("no_evidence", "a confirmation says what was seen")
    : [{ type: "confirmed", step: step.id, by, evidence }];
}

/** A leaked credential waits for nobody's grace: a routine rotation of the same target goes on at once, under its gates. */
function makeWay(rotation: Rotation, by: By, now: string): readonly Event[] {
  const lifted: readonly Event[] = rotation.hold === undefined ? [] : [{ type: "resumed", by }];
  const known = rotation.skipped.includes("grace");
  const hurry: readonly Event[] =
    known || rotation.direction === "back"
      ? []
      : [
          {
            type: "overridden",
            by: [by.id],
            verb: "make-way",
            gates: ["grace", "window", "notice", "witness", "standby"],
            digest: rotation.digest,
          },
        ];
  const grace: readonly Event[] =
    rotation.graceUntil !== undefined && rotation.graceUntil > now
      ? [
          {
            type: "grace_changed",
            by,
            until: now,
            reason: { code: "make_way", sentence: "a leaked credential of the same target waits" },
          },
        ]
      : [];
  // Nobody has brought anything yet: waiting for a person would keep the leaked one waiting too. A cut would be the first of two.
  const early = waitingStep(rotation, "collect") !== undefined || awaitsCut(rotation);
  const stopped: readonly Event[] =
    !early || !mayTurnBack(rotation)
      ? []
      : [
          {
            type: "turned_back",
            by,
            reason: { code: "make_way", sentence: "a leaked credential of the same target waits" },
          },
        ];
  return [...lifted, ...hurry, ...grace, ...stopped];
}
