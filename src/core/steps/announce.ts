import { cutNotice } from "../cut.ts";
import { cutGates, opensAt } from "../gates.ts";
import { touchedKind } from "../rotation.ts";
import type { StepContext, StepResult } from "../step.ts";
import { plusMs } from "../time.ts";
import { waitUntilOpen } from "./recheck.ts";

/** What of the window must be left for the publish that comes before the cut. */
const roomMs = 300_000;

/**
 * Says that somebody will be refused, and waits for the window and until people were told long enough before. It comes first:
 * while it waits nothing is published that a restart could pick up, nobody is asked for a value, and no consumer is locked.
 */
export async function runAnnounce(context: StepContext): Promise<StepResult> {
  await context.note(cutNotice, "the cut is announced", { loud: true });
  const waiting = await waitForCut(context, roomMs);
  const sentence =
    context.plan.cause === "leaked"
      ? "it leaked: the cut waits for no notice and no window"
      : "the cut was announced, and may come now";
  return waiting ?? { kind: "done", sentence };
}

/**
 * For the step that cuts, immediately before its first effect: every gate of the cut is looked at once more, because somebody
 * may have held the rotation in between. Undefined: it may go on. The way back waits for nothing, nor does what a person did
 * elsewhere: that cut has happened.
 */
export async function beforeCut(context: StepContext): Promise<StepResult | undefined> {
  const { plan, step } = context;
  const here = step.id === plan.pointOfNoReturn && plan.steps.some(({ kind }) => kind === "announce");
  const begun = Object.keys(context.state().effects).length > 0;
  return here && !begun && plan.rotator.origin !== "handed-in" ? waitForCut(context, 0) : undefined;
}

async function waitForCut(context: StepContext, room: number): Promise<StepResult | undefined> {
  const gates = await cutGates(context, room);
  const until = opensAt(gates);
  const stands = touchedKind(context.rotation(), "publish") ? published : "";
  return waitUntilOpen(context, gates, {
    limit: plusMs(context.state().startedAt, context.plan.graceMaxMs),
    aside: `${until === undefined ? "" : `; not before ${until}`}${stands}`,
    // The announcement has just said when it comes.
    loud: context.step.kind !== "announce",
  });
}

const published = "; stores that were written hold the new value already, and what restarts meanwhile reads it";
