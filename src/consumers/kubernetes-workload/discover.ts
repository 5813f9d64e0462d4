import type { Shared } from "../../connections/kubernetes/lists.ts";
import { strangersAmong } from "../../connections/kubernetes/versions.ts";
import type { Entry } from "../../core/target.ts";
import type { Used } from "./config.ts";
import { listPods, listReplicaSets, podsOf } from "./pods.ts";
import { referencesIn, refersTo, secretsIn } from "./references.ts";
import { listWorkloads, resourceOf, type WorkloadKind } from "./workloads.ts";

const kinds: readonly WorkloadKind[] = ["deployment", "statefulset", "daemonset"];

/**
 * One entry for each Deployment, StatefulSet and DaemonSet of the namespace whose template or whose pods read an object (a
 * ServiceAccount gives pods a pull secret that no template names), with everything else that the searching entry says. Five
 * lists, and a request for each Secret that is called as a version is. Workloads with zero pods are among them: their preflight says so.
 */
export async function workloadsThatUse(
  shared: Shared,
  entry: Entry,
  place: { readonly connection: string; readonly namespace: string },
  used: Used,
): Promise<readonly Entry[]> {
  const { discover: _, ...rest } = entry;
  const { connection, namespace } = place;
  const found: Entry[] = [];
  const pods = await listPods(shared, { api: "v1", resource: "pods", namespace });
  const sets = await listReplicaSets(shared, { api: "apps/v1", resource: "replicasets", namespace });
  for (const kind of kinds) {
    const all = (await listWorkloads(shared, resourceOf({ namespace, kind }))).map((workload) => ({
      name: workload.metadata.name,
      specs: [workload.spec.template.spec, ...podsOf(kind, workload, sets, pods).map(({ spec }) => spec)],
    }));
    const strangers =
      used.kind === "secret-version"
        ? await strangersAmong(
            await shared.cluster(),
            namespace,
            used.name,
            secretsIn(all.flatMap(({ specs }) => specs)),
          )
        : new Set<string>();
    const meant = { ...used, strangers };
    const names = all
      .filter(({ specs }) => specs.some((spec) => referencesIn(spec).some((reference) => refersTo(reference, meant))))
      .map(({ name }) => name);
    for (const name of names.toSorted()) {
      found.push({ ...rest, at: `${connection}/${namespace}/${kind}/${name}`, uses: [`${used.kind}/${used.name}`] });
    }
  }
  return found;
}
