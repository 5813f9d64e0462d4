import type { Shared } from "../../connections/kubernetes/lists.ts";
import { strangersAmong } from "../../connections/kubernetes/versions.ts";
import type { Entry } from "../../core/target.ts";
import type { Used } from "./config.ts";
import { referencesIn, refersTo, secretsIn } from "./references.ts";
import { listWorkloads, resourceOf, type WorkloadKind } from "./workloads.ts";

const kinds: readonly WorkloadKind[] = ["deployment", "statefulset", "daemonset"];

/**
 * One entry for each Deployment, StatefulSet and DaemonSet of the namespace whose pods read an object, with everything else that
 * the searching entry says. Three lists, and a request for each Secret that is called as a version is. Workloads with zero pods are among them: their preflight says so.
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
    const specs = all.map(({ spec }) => spec.template.spec);
    const strangers =
      used.kind === "secret-version"
        ? await strangersAmong(await shared.cluster(), place.namespace, used.name, secretsIn(specs))
        : new Set<string>();
    const meant = { ...used, strangers };
    const names = all
      .filter(({ spec }) => referencesIn(spec.template.spec).some((reference) => refersTo(reference, meant)))
      .map(({ metadata }) => metadata.name);
    for (const name of names.toSorted()) {
      const at = `${place.connection}/${place.namespace}/${kind}/${name}`;
      found.push({ ...rest, at, uses: [`${used.kind}/${used.name}`] });
    }
  }
  return found;
}
