import type { Credential } from "../credential.ts";
import { inconsistent } from "../decide.ts";
import type { Issuer } from "../ports.ts";
import type { StepContext, StepResult } from "../step.ts";
import { waitForGates } from "./recheck.ts";

/**
 * Refuses new logins with the credential, reversibly. Forward, every gate is looked at immediately before, also by who goes on
 * for a worker that died before the call, and the probe that will prove the death sees it accepted once more. On the way back
 * it is the new one that goes.
 */
export async function runDisable(context: StepContext): Promise<StepResult> {
  const issuer = await context.open.issuer();
  const credential = await context.credential(context.step.slot);
  if (credential === undefined || issuer.disable === undefined) {
    throw inconsistent("there is nothing that could be disabled");
  }
  const { disable } = issuer;
  if (context.step.slot === "current" && !(await isUnderWay(context, issuer, credential))) {
    const waiting = await waitForGates(context);
    if (waiting !== undefined) {
      return waiting;
    }
    const trial = await issuer.test(credential);
    await context.note(
      "probe",
      trial.verdict === "accepted"
        ? "the old credential was accepted just before"
        : `the old credential was not accepted before it was disabled (${trial.code})`,
      { key: trial.verdict },
    );
  }
  await context.effect("disable", async () => {
    await disable(credential.ref);
    return { detail: { principal: credential.ref.principal } };
  });
  return {
    kind: "done",
    sentence: `${context.step.slot === "current" ? "old" : "new"} credential disabled; it can still be enabled again`,
  };
}

/** Begun by a worker that died, and refused already: no gate could hold anything back any more. */
async function isUnderWay({ state }: StepContext, issuer: Issuer, credential: Credential): Promise<boolean> {
  const known = state().effects["disable"];
  if (known === undefined || known.outcomeAt !== undefined) {
    return known !== undefined;
  }
  return (await issuer.test(credential)).verdict === "refused";
}
