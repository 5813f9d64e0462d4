import type { Credential } from "./credential.ts";
import { inconsistent } from "./decide.ts";
import { sealsOf } from "./sealed-credential.ts";
import type { StepContext } from "./step.ts";

/**
 * The new credential: the one of the seals (a handed-in one was put there when it was collected), or, with origin `proposed`, one that is made now and sealed in an append of its
 * own before anything is sent or written. So a resume goes on with the very same value and never makes a second one. The
 * first step that needs it makes it: issue, or publish where the publish comes first.
 */
export async function proposalOf(context: StepContext): Promise<Credential | undefined> {
  const known = await context.credential("pending");
  if (known !== undefined || context.plan.rotator.origin !== "proposed") {
    return known;
  }
  const issuer = await context.open.issuer();
  if (issuer.propose === undefined) {
    throw inconsistent(`the rotator ${context.plan.rotator.kind} says "proposed" but proposes nothing`);
  }
  const proposed = await issuer.propose({
    rotationId: context.rotation().id,
    current: await context.credential("current"),
    alphabet: context.plan.alphabet,
  });
  await context.record(
    [{ type: "proposed", ref: proposed.ref, public: proposed.public }],
    sealsOf("pending", proposed),
  );
  return proposed;
}
