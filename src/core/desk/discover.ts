import { digestOf } from "../canonical.ts";
import { explain } from "../errors.ts";
import { bindConsumer, type Kinds } from "../kinds.ts";
import type { Plan } from "../plan.ts";
import type { Context, Finding } from "../ports.ts";
import type { Entry, Target } from "../target.ts";
import type { Found } from "./make-plan.ts";

/**
 * Looks for the consumers that entries of a target stand for, so that a plan names them. Reads only, never throws: what could
 * not be looked at, and a search without a result, are error findings.
 */
export async function discover(
  kinds: Kinds,
  target: Pick<Target, "consumers">,
  context: Context,
): Promise<{ readonly found: Found; readonly findings: readonly Finding[] }> {
  const found = new Map<string, readonly Entry[]>();
  const findings: Finding[] = [];
  for (const entry of target.consumers === "live" ? [] : target.consumers) {
    try {
      const kind = typeof entry["kind"] === "string" ? entry["kind"] : "";
      const { shape, discover: search, unreached } = bindConsumer(kinds, { kind, entry });
      const entries = await search?.(context);
      if (entries === undefined) continue;
      found.set(digestOf(entry), entries);
      if (entries.length > 0) continue;
      const others = (await unreached?.(context)) ?? [];
      findings.push({ severity: "error", code: "zero_consumers", ...zeroWords(shape.label, others) }, ...others);
    } catch (error) {
      const { code, sentence, hint } = explain(error);
      findings.push({ severity: "error", code, sentence, ...(hint === undefined ? {} : { hint }) });
    }
  }
  return { found, findings };
}

function zeroWords(label: string, others: readonly Finding[]): Pick<Finding, "sentence" | "hint"> {
  return others.length === 0
    ? {
        sentence: `${label}: nothing was found that uses it`,
        hint: "zero consumers are never taken for settled; list them by name, or see whether the place is right",
      }
    : {
        sentence: `${label}: nothing was found that could be reloaded`,
        hint: "whoever reads it by itself needs no reload: then write `consumers: live`, with a check that no cache can answer",
      };
}

/** What the entries of a target stood for when a plan was made. */
export function foundIn({ consumers }: Plan): Found {
  const found = new Map<string, readonly Entry[]>();
  for (const { foundBy, entry } of consumers === "live" ? [] : consumers) {
    if (foundBy !== undefined) found.set(foundBy, [...(found.get(foundBy) ?? []), entry]);
  }
  return found;
}
