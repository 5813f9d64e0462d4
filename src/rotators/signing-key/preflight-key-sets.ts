import type { Finding } from "../../core/ports.ts";
import { type KeySet, readKeySets } from "./key-sets.ts";
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
    findings.push(...keptLonger(scope, place, set));
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

function keptLonger({ config }: Scope, place: string, { lifeS = 0, ageS = 0 }: KeySet): readonly Finding[] {
  if (Math.max(lifeS, ageS) * 1_000 <= config.cacheFor) return [];
  const hint = `write cacheFor: ${String(Math.max(lifeS, ageS))}s or more`;
  const sentence =
    lifeS >= ageS
      ? `${place} lets caches keep the key set for ${String(lifeS)} s, longer than cacheFor`
      : `${place} answers out of a cache that has kept the key set for ${String(ageS)} s, longer than cacheFor`;
  return [{ severity: "error", code: "cached_longer", sentence, hint }];
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
