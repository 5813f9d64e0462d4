import type { StepContext, StepResult } from "../step.ts";
import { confirmation } from "../waiting.ts";
import { remindPeople } from "./remind.ts";

/**
 * Has a person try what no check can (a payment on a telephone, a report on a screen) and waits for their word with evidence.
 * It stands behind the last check and before anything is retired, so that who sees it fail can still roll back.
 */
export async function runWitness(context: StepContext): Promise<StepResult> {
  const what = (context.plan.byHand ?? []).join("; ");
  if (context.rotation().skipped.includes("witness")) {
    return {
      kind: "done",
      sentence: `nobody has tried by hand: ${what}; a leaked credential of the same target waits`,
    };
  }
  if (confirmation(context.rotation(), context.step) === undefined) {
    return remindPeople(
      context,
      `waiting for a person to try by hand: ${what}. Confirm with what was seen, or roll back if it failed; the buttons stand on the first message`,
    );
  }
  return { kind: "done", sentence: `a person has tried by hand: ${what}` };
}
