import { inconsistent } from "../decide.ts";
import type { StepContext, StepResult } from "../step.ts";

/** Takes disable back: the credential is accepted again as before. */
export async function runEnable(context: StepContext): Promise<StepResult> {
  const issuer = await context.open.issuer();
  const credential = await context.credential(context.step.slot);
  if (credential === undefined || issuer.enable === undefined) {
    throw inconsistent("there is nothing that could be enabled");
  }
  const { enable } = issuer;
  await context.effect("enable", async () => {
    await enable(credential);
    return { detail: { principal: credential.ref.principal } };
  });
  return { kind: "done", sentence: "old credential enabled again" };
}
