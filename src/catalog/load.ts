import type { Catalog } from "../core/catalog.ts";
import type { Kinds } from "../core/kinds.ts";
import { bindTarget } from "./bound.ts";
import { withConnections } from "./connections.ts";
import { toCatalog } from "./domain.ts";
import { mistakesOf, withoutMeant } from "./issues.ts";
import type { Mistake, Problem } from "./problem.ts";
import { listAt } from "./raw.ts";
import { placeRules } from "./rules-places.ts";
import { policyRules } from "./rules-policies.ts";
import { referenceRules } from "./rules-references.ts";
import { targetRules } from "./rules-targets.ts";
import { templateRules } from "./rules-templates.ts";
import { readSource } from "./source.ts";
import { CatalogText } from "./text.ts";

/**
 * Reads a catalog. Every mistake is found in one go, in the order of the file; with one mistake there is no catalog. Opens no
 * connection, reads no reference. `file` is the name that problems bear.
 */
export function loadCatalog(
  text: string,
  file: string,
  kinds: Kinds,
): { readonly catalog: Catalog } | { readonly problems: readonly Problem[] } {
  const { source, problems } = readSource(text, file);
  if (source === undefined) return { problems };
  const { locate } = source;
  const { value, mistakes: connections } = withConnections(source.value, kinds);
  const parsed = CatalogText.safeParse(value);
  const bound = listAt(value, "targets").map((target, index) => bindTarget(target, ["targets", index], kinds));
  const targets = bound.map(({ target }) => target);
  const mistakes: readonly Mistake[] = [
    ...(parsed.success ? [] : mistakesOf(parsed.error, CatalogText, value, [])),
    ...connections,
    ...bound.flatMap((each) => each.mistakes),
    ...policyRules(value),
    ...targets.flatMap((target) => [...targetRules(value, target), ...templateRules(target)]),
    ...placeRules(targets),
    ...referenceRules(source.value, []),
  ];
  const all = [...problems, ...withoutMeant(mistakes).map(locate)].toSorted(byPlace);
  if (all.length > 0 || !parsed.success) return { problems: all };
  return { catalog: toCatalog(parsed.data, targets, file) };
}

function byPlace(a: Problem, b: Problem): number {
  return a.line === b.line ? a.column - b.column : a.line - b.line;
}
