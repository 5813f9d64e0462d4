import { inconsistent } from "../decide.ts";
import type { StepContext, StepResult } from "../step.ts";
import { waitForGates } from "./recheck.ts";

/**
 * The end of an accept-first rotation: nobody accepts the old credential any more, and from here on it is not kept either.
 * Every gate is looked at immediately before; until then acceptance could be given back.
 */
export async function runForget(context: StepContext): Promise<StepResult> {
  const issuer = await context.open.issuer();
  const ref = context.rotation().current;
  if (ref === undefined) {
    throw inconsistent("there is nothing that could be forgotten");
  }
  if (context.state().effects["forget"]?.outcomeAt === undefined) {
    const waiting = await waitForGates(context);
    if (waiting !== undefined) {
      return waiting;
    }
  }
  await context.effect("forget", async () => {
    await issuer.revoke(ref);
    return { detail: { principal: ref.principal, generation: ref.generation } };
  });
  return { kind: "done", sentence: "old credential forgotten: no store holds it, and no way leads back to it" };
}
