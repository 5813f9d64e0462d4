import type { Slot } from "./credential.ts";
import type { CheckScope } from "./ports.ts";
import { expectedFor } from "./published.ts";
import type { StepContext } from "./step.ts";
import { fillText } from "./templates/fill.ts";

/** What checks may look at: the consumers, the value they should run on, the period that is judged, a login with the slot. */
export async function scopeFor(context: StepContext, slot: Slot): Promise<CheckScope> {
  const expected = await expectedFor(context, slot);
  const now = await context.now();
  return {
    expected,
    consumers: await context.open.consumers(),
    since: cutOver(context, slot) ?? expected?.since ?? context.rotation().openedAt,
    now,
    login: async () => {
      const credential = await context.credential(slot);
      const issuer = await context.open.issuer();
      return credential === undefined
        ? { verdict: "unknown", code: "no_credential", sentence: "there is no credential to log in with" }
        : issuer.test(credential);
    },
    resolve: async (text) => fillText(text, await context.credential(slot), context.open.resolve),
  };
}

/** A cut refuses who was not restarted yet, as its plan says: what counts begins when all were. */
function cutOver({ plan, rotation }: StepContext, slot: Slot): string | undefined {
  const rollout = (slot === "pending" ? plan.steps : plan.back).find(({ kind }) => kind === "rollout");
  return plan.rotator.overlap === "single" ? rotation().steps[rollout?.id ?? ""]?.doneAt : undefined;
}
