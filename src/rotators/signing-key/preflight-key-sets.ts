import type { Finding } from "../../core/ports.ts";
import { readKeySets } from "./key-sets.ts";
import type { Scope } from "./scope.ts";

/** Whether every public address serves the same keys, no private part among them, and for no longer than the catalog says. */
export async function preflightKeySets(scope: Scope): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const ids = new Map<string, string>();
  for (const { place, set } of await readKeySets(scope)) {
    if (!("keys" in set)) {
      if (set.trial.verdict === "unknown") findings.push({ severity: "error", ...said(set.trial) });
      continue;
    }
    ids.set(
      place,
      set.keys
        .map((key) => (typeof key["kid"] === "string" ? key["kid"] : ""))
        .sort()
        .join(", "),
    );
    if (set.keys.some((key) => ["d", "k", "p", "q"].some((name) => name in key))) {
      const sentence = `${place} publishes a private key`;
      findings.push({ severity: "error", code: "private_key_published", sentence, hint: "treat the key as leaked" });
    }
    const maxAgeMs = (set.maxAgeS ?? 0) * 1000;
    if (maxAgeMs > scope.config.cacheFor) {
      const sentence = `${place} lets caches keep the key set for ${String(set.maxAgeS)} s, longer than cacheFor`;
      const hint = `write cacheFor: ${String(set.maxAgeS)}s or more`;
      findings.push({ severity: "error", code: "cached_longer", sentence, hint });
    }
  }
  if (new Set(ids.values()).size > 1) {
    const sentence = `the key sets differ: ${[...ids].map(([place, listed]) => `${place} lists ${listed}`).join("; ")}`;
    findings.push({
      severity: "error",
      code: "key_sets_differ",
      sentence,
      hint: "an old copy may stand in a cache: look again",
    });
  }
  return findings;
}

function said({
  code,
  sentence,
}: {
  readonly code: string;
  readonly sentence: string;
}): Pick<Finding, "code" | "sentence"> {
  return { code, sentence };
}
