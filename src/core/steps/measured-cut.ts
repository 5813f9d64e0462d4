import { cutBegan } from "../cut.ts";
import type { StepContext } from "../step.ts";
import { elapsedMs } from "../time.ts";

/**
 * How long somebody could be refused, to be said beside what was announced: from the cut until every consumer had settled at
 * `settledAt` (ISO 8601 UTC). Empty where nothing was cut. What took longer than people were told is said loudly.
 */
export async function measuredCut(context: StepContext, settledAt: string): Promise<string> {
  const { plan, step, rotation } = context;
  const began = cutBegan(rotation());
  if (began === undefined || step.slot !== "pending") {
    return "";
  }
  const tookMs = elapsedMs(began, settledAt);
  const could = `refusals were possible for ${seconds(tookMs)}`;
  const { cutMs } = plan.rotator;
  if (cutMs === undefined) {
    return `; ${could}`;
  }
  const announced = `announced: at most ${seconds(cutMs)}`;
  if (tookMs > cutMs) {
    await context.note("cut-took-longer", `the cut took longer than people were told: ${could}, ${announced}`, {
      loud: true,
    });
  }
  return `; ${could} (${announced})`;
}

function seconds(ms: number): string {
  return `${String(Math.round(ms / 100) / 10)} s`;
}
