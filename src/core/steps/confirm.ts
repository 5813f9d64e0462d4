import { isBlind } from "../blind.ts";
import type { Ref } from "../credential.ts";
import { inconsistent } from "../decide.ts";
import type { StepContext, StepResult } from "../step.ts";
import { waitForGates } from "./recheck.ts";
import { remindPeople } from "./remind.ts";

/**
 * Has a person revoke the credential where no program can, and waits for their word with evidence; a to-do that stays open.
 * They are asked only when every gate is open. Asking counts as the effect: from then on it may be dead at any time.
 */
export async function runConfirm(context: StepContext): Promise<StepResult> {
  const { slot, id } = context.step;
  const which = slot === "current" ? "old" : "new";
  const rotation = context.rotation();
  const ref = (slot === "current" ? rotation.current : rotation.pending) ?? unknownOne(context);
  if (ref === undefined) {
    throw inconsistent("there is nothing that could be revoked");
  }
  if (context.state().effects["revoke"] === undefined) {
    const waiting = slot === "current" ? await waitForGates(context) : undefined;
    if (waiting !== undefined) {
      return waiting;
    }
    await context.record([{ type: "intended", step: id, effect: "revoke" }]);
  }
  const said = context.state().confirmed;
  if (said === undefined) {
    // What the portal shows of it; where nothing of it is public, its name and fingerprint.
    const shown = Object.entries(context.rotation().public[slot]).map(([name, value]) => `${name} ${value}`);
    const named = [ref.principal, ...(shown.length === 0 ? [ref.generation] : shown)].join(", ");
    return remindPeople(
      context,
      `waiting for a person to revoke the ${which} credential (${named}) and to confirm it: ${context.plan.rotator.words.retire}. The button stands on the first message`,
    );
  }
  await context.effect("revoke", async () => {
    await Promise.resolve();
    return { detail: { principal: ref.principal, generation: ref.generation, by: said.by.id } };
  });
  return { kind: "done", sentence: `${which} credential revoked by a person, who confirmed it` };
}

/** The old one, where no store shows what was in use: whoever revokes it sees in the portal which it is. */
function unknownOne({ plan, rotation, step }: StepContext): Ref | undefined {
  return step.slot === "current" && isBlind(plan, rotation().present)
    ? { principal: "the one before", generation: "not known to Keyturn" }
    : undefined;
}
