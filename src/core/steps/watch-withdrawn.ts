import { inconsistent, isWithdrawal } from "../decide.ts";
import { lookAround } from "../look.ts";
import type { StepContext, StepResult } from "../step.ts";
import { elapsedMs, plusMs } from "../time.ts";

/**
 * Nobody accepts the old credential any more; for `watchMs` somebody may still come with it. An instance that still uses it, or a
 * check that turns red, gives acceptance back (the second phase is published and rolled out again) and the rotation waits; a leaked one is accepted again
 * by nobody but people. What cannot be looked at keeps the watch from being quiet.
 */
export async function runWatchWithdrawn(context: StepContext): Promise<StepResult> {
  const looks = await lookAround(context, "pending");
  const red = looks.find((look) => look.red || look.laggard === true);
  const shut = looks.find(({ open }) => !open);
  const since = await context.note("watch", red?.sentence ?? shut?.sentence ?? "nobody was refused", {
    key: red !== undefined ? "red" : shut !== undefined ? "shut" : "quiet",
    loud: shut !== undefined,
  });
  if (red !== undefined) {
    return acceptAgain(context, red.sentence);
  }
  const now = await context.now();
  if (shut !== undefined || elapsedMs(since, now) < context.plan.watchMs) {
    await context.note("until", `watching until ${plusMs(shut === undefined ? since : now, context.plan.watchMs)}`, {
      key: shut === undefined ? since : "shut",
    });
    return { kind: "again", afterMs: Math.min(15_000, Math.max(250, context.plan.watchMs / 8)) };
  }
  return { kind: "done", sentence: "watched: nobody came with the old credential" };
}

function acceptAgain(context: StepContext, laggard: string): StepResult {
  if (context.plan.cause === "leaked") {
    const sentence = `${laggard}; a leaked credential is not accepted again by itself`;
    const hint = "restart who is named and press Look again";
    return { kind: "blocked", reason: { code: "laggard_on_leaked", sentence, hint } };
  }
  const publishes = context.plan.steps.filter(({ kind }) => kind === "publish");
  const withdrawal = publishes.findIndex((step) => isWithdrawal(context.rotation(), step));
  const from = publishes[withdrawal - 1];
  if (from === undefined) {
    throw inconsistent("a withdrawal without the phase before it");
  }
  const sentence = `${laggard}; the old credential is accepted again and the rotation waits`;
  return { kind: "rewind", from: from.id, reason: { code: "laggard", sentence, hint: "restart who is named" } };
}
