import type { Shared } from "../../connections/kubernetes/lists.ts";
import type { Entry } from "../../core/target.ts";
import type { Used } from "./config.ts";
import { referencesIn, refersTo } from "./references.ts";
import { listWorkloads, resourceOf, type WorkloadKind } from "./workloads.ts";

const kinds: readonly WorkloadKind[] = ["deployment", "statefulset", "daemonset"];

/**
 * One entry for each Deployment, StatefulSet and DaemonSet of the namespace whose pods read an object, with everything else that
 * the searching entry says. Three lists. Workloads with zero pods are among them: their preflight says so.
 */
export async function workloadsThatUse(
  shared: Shared,
  entry: Entry,
  place: { readonly connection: string; readonly namespace: string },
  used: Used,
): Promise<readonly Entry[]> {
  const { discover: _, ...rest } = entry;
  const found: Entry[] = [];
  for (const kind of kinds) {
    const all = await listWorkloads(shared, resourceOf({ namespace: place.namespace, kind }));
    const names = all
      .filter(({ spec }) => referencesIn(spec.template.spec).some((reference) => refersTo(reference, used)))
      .map(({ metadata }) => metadata.name);
    for (const name of names.toSorted()) {
      const at = `${place.connection}/${place.namespace}/${kind}/${name}`;
      found.push({ ...rest, at, uses: [`${used.kind}/${used.name}`] });
    }
  }
  return found;
}
