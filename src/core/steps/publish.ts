import { isWithdrawal } from "../decide.ts";
import { valuesFor } from "../published.ts";
import type { StepContext, StepResult } from "../step.ts";
import { labelOf } from "./publish-store.ts";
import { publishToAll } from "./publish-stores.ts";
import { waitForGates } from "./recheck.ts";

/**
 * Writes our keys in every store (`publish-stores.ts`), waits until they have spread, and tells the hops that read what was
 * published. The publish that withdraws acceptance of the old credential looks at every gate first.
 */
export async function runPublish(context: StepContext): Promise<StepResult> {
  if (isWithdrawal(context.rotation(), context.step) && Object.keys(context.state().effects).length === 0) {
    const waiting = stubborn(context) ?? (await waitForGates(context));
    if (waiting !== undefined) {
      return waiting;
    }
  }
  const sentences = await publishToAll(context);
  for (const [index, store] of (await context.open.stores()).entries()) {
    if (store.arrived !== undefined && !(await store.arrived(await valuesFor(context, index, context.step)))) {
      await context.note("arrival", `waiting until ${labelOf(context, index)} has spread`);
      return { kind: "again", afterMs: 1_000 };
    }
  }
  const { published } = await context.open.issuer();
  if (published !== undefined) {
    await context.effect("published", async () => {
      await published(await context.credential(context.step.slot));
      return { detail: null };
    });
  }
  return { kind: "done", sentence: `${sentences.join("; ")}${phaseWords(context)}` };
}

/** The same keys are published up to three times, and only this tells people which time it was. */
function phaseWords({ plan, step: { slot, accepted } }: StepContext): string {
  if (plan.rotator.overlap !== "accept-first") {
    return "";
  }
  const used = slot === "pending" ? "new" : "old";
  return accepted === undefined
    ? `; from the next start on only the ${used} credential is accepted`
    : `; from the next start on the ${used} credential is used and the ${accepted === "pending" ? "new" : "old"} one is accepted beside it`;
}

/** By itself. After the last time it stays accepted until a person has looked. */
const maxAcceptedAgain = 3;

/** Acceptance was given back for a laggard too often: the next withdrawal waits for a person, with both credentials accepted. */
function stubborn(context: StepContext): StepResult | undefined {
  const { enabledAgain, lookedAgainAt = "" } = context.rotation();
  if (enabledAgain < maxAcceptedAgain || lookedAgainAt > context.state().startedAt) {
    return undefined;
  }
  const sentence = `the old credential was accepted again for a laggard ${String(enabledAgain)} times, and stays so`;
  const hint = "find out who still uses it and press Look again, or roll back";
  return { kind: "blocked", reason: { code: "laggard", sentence, hint } };
}
