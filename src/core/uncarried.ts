import type { Credential } from "./credential.ts";
import { GiveUp } from "./errors.ts";
import type { Plan } from "./plan.ts";
import { sealSlot } from "./published.ts";
import type { Secret } from "./secret.ts";
import type { StepContext } from "./step.ts";
import { nextValues } from "./values.ts";

/**
 * Why a place of the plan cannot hold a credential that somebody else made, in a sentence without any of it: its template does
 * not carry it, or the store would not give it back. Undefined: every place can. Reads only; throws what the stores throw.
 */
export async function uncarried(context: StepContext, credential: Credential): Promise<string | undefined> {
  const stores = await context.open.stores();
  for (const [index, { label }] of context.plan.publishes.entries()) {
    const values = rendered(
      context.plan,
      index,
      await context.unseal(sealSlot({ slot: "current" }, index)),
      credential,
    );
    if ("unfit" in values) {
      return `${label} cannot hold it: ${values.unfit}`;
    }
    const key = await stores[index]?.unstorable?.(values.texts);
    if (key !== undefined) {
      return `${label} cannot hold it: the value of ${key} could not be read back the same`;
    }
  }
  return undefined;
}

type Rendered = { readonly texts: Readonly<Record<string, Secret>> } | { readonly unfit: string };

/** Keys of the slot `accepted` hold it in their turn, so they count too. */
function rendered(
  plan: Plan,
  index: number,
  before: Readonly<Record<string, Secret>>,
  credential: Credential,
): Rendered {
  try {
    return { texts: nextValues(plan, index, before, credential, credential) };
  } catch (error) {
    // The sentence names the field and nothing else.
    if (error instanceof GiveUp && error.code === "value_ambiguous") {
      return { unfit: error.message };
    }
    throw error;
  }
}
