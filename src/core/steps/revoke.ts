import { inconsistent } from "../decide.ts";
import type { StepContext, StepResult } from "../step.ts";
import { waitForGates } from "./recheck.ts";

/** Ends the credential for good, named by the ref that was recorded at the start, never as "the other one". */
export async function runRevoke(context: StepContext): Promise<StepResult> {
  const issuer = await context.open.issuer();
  const slot = context.step.slot;
  const ref = slot === "current" ? context.rotation().current : context.rotation().pending;
  if (ref === undefined) {
    throw inconsistent("there is nothing that could be revoked");
  }
  if (slot === "current" && context.state().effects["revoke"]?.outcomeAt === undefined) {
    const waiting = await waitForGates(context);
    if (waiting !== undefined) {
      return waiting;
    }
  }
  await context.effect("revoke", async () => {
    await issuer.revoke(ref);
    return { detail: { principal: ref.principal, generation: ref.generation } };
  });
  return { kind: "done", sentence: `${slot === "current" ? "old" : "new"} credential revoked` };
}
