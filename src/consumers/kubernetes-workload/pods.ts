import { sharedList } from "../../connections/kubernetes/lists.ts";
import { Pod, ReplicaSet, type Workload } from "./objects.ts";
import type { WorkloadKind } from "./workloads.ts";

/** All pods, and all ReplicaSets, of a namespace, see `sharedList`. */
export const listPods = sharedList(Pod);
export const listReplicaSets = sharedList(ReplicaSet);

/**
 * The pods of a workload that run, are to run or are ending, by who controls them, not by labels alone: two workloads may
 * share labels. The ReplicaSet of an ending pod may be gone already; then its labels and its name tell. Pods that have ended
 * for good (evicted ones) run nothing and are left out. Sorted by name. Pure.
 */
export function podsOf(
  kind: WorkloadKind,
  { metadata, spec }: Workload,
  replicaSets: readonly ReplicaSet[],
  pods: readonly Pod[],
): readonly Pod[] {
  const sets = replicaSets.map((set) => ({ uid: set.metadata.uid, owner: controllerOf(set)?.uid }));
  const isOurs = (pod: Pod): boolean => {
    const controller = controllerOf(pod);
    if (controller === undefined) return false;
    if (kind !== "deployment") return controller.uid === metadata.uid;
    const set = sets.find(({ uid }) => uid === controller.uid);
    if (set !== undefined) return set.owner === metadata.uid;
    const labels = Object.entries(spec.selector.matchLabels);
    const matches = labels.length > 0 && labels.every(([name, value]) => pod.metadata.labels[name] === value);
    return controller.kind === "ReplicaSet" && matches && setName(controller.name) === metadata.name;
  };
  return pods
    .filter((pod) => !["Succeeded", "Failed"].includes(pod.status.phase) && isOurs(pod))
    .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

/** Who made an object and keeps it. Pure. */
export function controllerOf({ metadata }: Pick<Pod, "metadata">) {
  return metadata.ownerReferences.find(({ controller }) => controller === true);
}

/** The Deployment in the name of a ReplicaSet: "web" in "web-5d8f7c9b4". */
function setName(name: string): string {
  return name.replace(/-[0-9a-z]+$/, "");
}
