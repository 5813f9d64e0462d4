import { graceLimit } from "../grace-limit.ts";
import { lookAround } from "../look.ts";
import type { StepContext, StepResult } from "../step.ts";
import { elapsedMs, plusMs } from "../time.ts";

const lookEveryMs = 300_000;
/** A check that stays red this long in the grace is a verification failure. */
const patienceMs = 60_000;

/**
 * Both credentials work. Starts when the last consumer settled; every five minutes the world is looked at, and while it is
 * not as we left it the clock stops: what was lost is added. Ends when the grace has elapsed.
 */
export async function runGrace(context: StepContext): Promise<StepResult> {
  const now = await context.now();
  const until = context.rotation().graceUntil ?? (await begin(context, now));
  const back = context.rotation().direction === "back";
  const skipped = !back && (context.rotation().skipped.includes("grace") || context.plan.cause === "leaked");
  const looks = await lookAround(context, back ? "current" : "pending");
  const shut = looks.filter(({ open }) => !open);
  const red = shut.some((look) => look.red);
  const stood = context.state().notes["stands-since"]?.key;
  const key = shut.length === 0 ? "steady" : red ? "red" : "drift";
  const sentence =
    shut.length === 0
      ? "everything is as it was left"
      : `the grace stands still: ${shut.map((look) => look.sentence).join("; ")}`;
  if (key === "steady" && stood !== undefined && stood !== "steady") {
    await goOn(context, plusMs(until, elapsedMs(stood, now)));
  }
  if (key !== "steady" && (stood === undefined || stood === "steady")) {
    await context.note("stands-since", "the grace stands still", { key: now });
  }
  const since = await context.note("drift", sentence, {
    key: `${key}: ${shut.map(({ gate }) => gate).join(", ")}`,
    loud: key !== "steady" || stood !== undefined,
  });
  if (key === "red" && elapsedMs(since, now) >= patienceMs) {
    return {
      kind: "failed",
      reason: { code: "check_red", sentence, hint: "seen during the grace, while both credentials work" },
    };
  }
  if (key !== "steady") {
    return now > (graceLimit(context.rotation()) ?? now)
      ? { kind: "blocked", reason: { code: "drift", sentence, hint: "mend what is named and press Look again" } }
      : { kind: "again", afterMs: 5_000 };
  }
  const end = context.rotation().graceUntil ?? until;
  if (!skipped && now < end) {
    return { kind: "again", afterMs: Math.min(lookEveryMs, Math.max(250, elapsedMs(now, end))) };
  }
  return { kind: "done", sentence: skipped ? "no grace" : `grace is over; both credentials worked until ${end}` };
}

async function begin(context: StepContext, now: string): Promise<string> {
  const { cause, graceMs, rotator } = context.plan;
  const back = context.rotation().direction === "back";
  // What was made with the new credential on the way forward must stay valid as long as it lives.
  const until = plusMs(now, back ? (rotator.overlapMs ?? graceMs) : cause === "leaked" ? 0 : graceMs);
  await context.record([
    {
      type: "grace_changed",
      by: { kind: "engine", id: "keyturn" },
      until,
      reason: {
        code: "grace_begins",
        sentence: `every consumer has settled on the ${back ? "old" : "new"} credential`,
      },
    },
  ]);
  return until;
}

/** One append: the time that was lost is added once, whatever happens in between. */
async function goOn(context: StepContext, until: string): Promise<void> {
  await context.record([
    {
      type: "grace_changed",
      by: { kind: "engine", id: "keyturn" },
      until,
      reason: { code: "drift_over", sentence: "the time that the grace stood still was added" },
    },
    {
      type: "noted",
      step: context.step.id,
      topic: "stands-since",
      key: "steady",
      sentence: "the grace goes on",
      detail: null,
      loud: false,
    },
  ]);
}
