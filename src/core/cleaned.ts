import type { Slot } from "./credential.ts";
import { type Explanation, explain } from "./errors.ts";
import { redact } from "./redaction.ts";
import type { Run } from "./run.ts";

/** What may be shown and kept of an error: every secret of this rotation is masked in it. */
export async function cleaned(run: Pick<Run, "credential">, error: unknown): Promise<Explanation> {
  const slots: readonly Slot[] = ["current", "pending"];
  const credentials = await Promise.all(slots.map((slot) => run.credential(slot)));
  const secrets = credentials.flatMap((credential) => Object.values(credential?.secret ?? {}));
  const { code, sentence, hint } = explain(error);
  return { code, sentence: redact(sentence, secrets), ...(hint === undefined ? {} : { hint: redact(hint, secrets) }) };
}
