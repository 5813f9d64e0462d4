import { explain, LeaseLost } from "./errors.ts";
import { redact } from "./redaction.ts";
import type { StepContext } from "./step.ts";

/**
 * Removes what earlier publishes have left in stores that make a new object each time, as far as nothing reads it any more. What
 * cannot be removed is said in the thread and stays for the sweeper: the rotation does not depend on it. Throws only when the
 * lease is lost.
 */
export async function pruneStores(context: StepContext): Promise<void> {
  for (const [index, { label }] of context.plan.publishes.entries()) {
    try {
      const { prune } = (await context.open.stores())[index] ?? {};
      if (prune === undefined) {
        continue;
      }
      await context.effect(`prune:${String(index)}`, async () => ({ detail: [...(await prune())] }));
    } catch (error) {
      if (error instanceof LeaseLost) {
        throw error;
      }
      const { sentence } = explain(error);
      const secrets = [await context.credential("current"), await context.credential("pending")].flatMap((credential) =>
        Object.values(credential?.secret ?? {}),
      );
      const said = `${label}: old versions were not removed, the next sweep tries again: ${redact(sentence, secrets)}`;
      await context.note(`prune:${String(index)}`, said, { loud: true });
    }
  }
}
