import { lookAtChecks } from "../look.ts";
import type { StepContext, StepResult } from "../step.ts";
import { elapsedMs } from "../time.ts";

/** How long a check may be red after the roll-out before it counts as a failure: a restart is not an outage. */
const patienceMs = 20_000;

/** After this long without a look a person is asked. */
const blindMs = 900_000;

/**
 * Every check passes, and has passed for its settle time. One that cannot be looked at keeps the step waiting, says
 * so, and asks a person in the end; one that stays red fails it.
 */
export async function runVerify(context: StepContext): Promise<StepResult> {
  const looks = await lookAtChecks(context, context.step.slot);
  let waiting = false;
  for (const [index, look] of looks.entries()) {
    const check = context.plan.checks[index];
    if (check === undefined) {
      continue;
    }
    const since = await context.note(`check:${check.label}`, `${check.label}: ${look.sentence}`, {
      key: look.open ? "open" : look.red ? "red" : "shut",
      loud: !look.open,
    });
    const heldMs = elapsedMs(since, await context.now());
    if (!look.open && !look.red && heldMs >= blindMs) {
      return {
        kind: "blocked",
        reason: {
          code: "cannot_look",
          sentence: `${check.label}: ${look.sentence}`,
          hint: "nothing is concluded from a check that cannot be looked at; mend it and press Look again, or roll back",
        },
      };
    }
    if (look.red && heldMs >= patienceMs) {
      return {
        kind: "failed",
        reason: {
          code: "check_red",
          sentence: `${check.label}: ${look.sentence}`,
          hint: "the thread shows what was seen; the way back is taken where there is one",
        },
      };
    }
    waiting ||= !look.open || heldMs < check.settleMs;
  }
  if (waiting) {
    return { kind: "again", afterMs: 500 };
  }
  return {
    kind: "done",
    sentence:
      looks.length === 0
        ? "verified: no check is configured"
        : `verified: ${looks.map(({ sentence }) => sentence).join("; ")}`,
  };
}
