import { lookAround } from "./look.ts";
import type { StepContext } from "./step.ts";
import { elapsedMs, plusMs } from "./time.ts";
import { insideWindow, nextOpening } from "./window.ts";

/** What stands between a rotation and its point of no return. `retryAt`: when it is worth looking again (ISO 8601 UTC). */
export type Gate = {
  readonly name: string;
  readonly open: boolean;
  readonly red: boolean;
  readonly sentence: string;
  readonly retryAt?: string;
};

/** Gates that the full policy cannot skip: an unproved credential is never the only one. */
const unskippable: readonly string[] = ["consumers", "credential"];

/**
 * All gates of DESIGN section 7, looked at now. A verdict in the journal opens nothing: whoever is about to disable or to
 * revoke calls this first. The idle gate and the watch are steps of their own.
 */
export async function gatesNow(context: StepContext): Promise<readonly Gate[]> {
  const rotation = context.rotation();
  const looks = await lookAround(context, "pending");
  const now = await context.now();
  const gates: Gate[] = looks.map(({ gate, open, red, sentence }) => ({ name: gate, open, red, sentence }));
  const until = rotation.graceUntil;
  const elapsed = context.plan.cause === "leaked" || (until !== undefined && now >= until);
  gates.push({
    name: "grace",
    open: elapsed,
    red: false,
    sentence: elapsed ? "grace has elapsed" : "grace has not elapsed",
    ...(until === undefined ? {} : { retryAt: until }),
  });
  const window = context.plan.policy.retire;
  if (window !== undefined && context.plan.cause === "routine") {
    const inside = insideWindow(window, now);
    gates.push({
      name: "window",
      open: inside,
      red: false,
      sentence: inside ? `inside ${window.text}` : `outside ${window.text} (${window.zone})`,
      retryAt: inside ? now : nextOpening(window, now),
    });
  }
  gates.push(await noticeGate(context, now));
  return gates.map((gate) =>
    rotation.skipped.includes(gate.name) && !unskippable.includes(gate.name)
      ? { ...gate, open: true, red: false, sentence: `${gate.sentence} (skipped by the full policy)` }
      : gate,
  );
}

/** Disable waits until Slack has accepted its notice long enough ago; a leaked credential waits for nobody. */
async function noticeGate(context: StepContext, now: string): Promise<Gate> {
  if (context.plan.cause === "leaked") {
    return { name: "notice", open: true, red: false, sentence: "a leaked credential needs no notice" };
  }
  const accepted = await context.noticed("retire");
  if (accepted === undefined) {
    return { name: "notice", open: false, red: false, sentence: "Slack has not accepted the notice yet" };
  }
  const due = plusMs(accepted, context.plan.noticeMs);
  const open = elapsedMs(due, now) >= 0;
  return {
    name: "notice",
    open,
    red: false,
    sentence: open ? "people were told in time" : "people were told, but not long enough ago",
    retryAt: due,
  };
}
