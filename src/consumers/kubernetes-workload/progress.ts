import type { Workload } from "./objects.ts";
import type { WorkloadKind } from "./workloads.ts";

/**
 * Why a roll-out is not done, in the words of `kubectl rollout status` and with its conditions (rollout_status.go of kubectl
 * 1.36); undefined when it is. Counts only: what the pods read is not in them. Pure.
 */
export function unfinished(kind: WorkloadKind, { metadata, spec, status }: Workload): string | undefined {
  if (status.observedGeneration < metadata.generation) return "its last change is not observed yet";
  if (kind === "daemonset") {
    const { desiredNumberScheduled: desired, updatedNumberScheduled: updated, numberAvailable: available } = status;
    if (updated < desired) return `${updated} of ${desired} updated`;
    return available < desired ? `${available} of ${desired} available` : undefined;
  }
  const desired = spec.replicas ?? 1;
  const { updatedReplicas: updated, replicas, availableReplicas: available, readyReplicas: ready } = status;
  if (kind === "statefulset") {
    if (ready < desired) return `${ready} of ${desired} ready`;
    if (updated < desired) return `${updated} of ${desired} updated`;
    return status.updateRevision === status.currentRevision ? undefined : "its revision is not the current one yet";
  }
  if (updated < desired) return `${updated} of ${desired} updated`;
  if (replicas > updated) return `${replicas - updated} of the template before are left`;
  return available < updated ? `${available} of ${updated} available` : undefined;
}

/** What keeps a workload from being rolled out at all, with the command that mends it; undefined when nothing does. Pure. */
export function obstacle(
  kind: WorkloadKind,
  { metadata, spec, status }: Workload,
): { readonly code: string; readonly sentence: string; readonly command: string } | undefined {
  const { name, namespace } = metadata;
  const patch = (text: string): string => `kubectl -n ${namespace} patch ${kind} ${name} --type merge -p '${text}'`;
  if (spec.paused) {
    return {
      code: "workload_paused",
      sentence: `${kind}/${name} is paused: a restart would not begin`,
      command: `kubectl -n ${namespace} rollout resume ${kind}/${name}`,
    };
  }
  if (kind !== "deployment" && spec.updateStrategy?.type === "OnDelete") {
    return {
      code: "workload_on_delete",
      sentence: `${kind}/${name} replaces its pods only when somebody deletes them (OnDelete)`,
      command: patch('{"spec":{"updateStrategy":{"type":"RollingUpdate"}}}'),
    };
  }
  const partition = spec.updateStrategy?.rollingUpdate?.partition ?? 0;
  if (kind === "statefulset" && partition > 0) {
    return {
      code: "workload_partitioned",
      sentence: `${kind}/${name} keeps its first ${partition} pods as they are (partition ${partition})`,
      command: patch('{"spec":{"updateStrategy":{"rollingUpdate":{"partition":0}}}}'),
    };
  }
  if ((kind === "daemonset" ? status.desiredNumberScheduled : spec.replicas) === 0) {
    return {
      code: "zero_consumers",
      sentence: `${kind}/${name} has no pod: zero pods are never taken for settled`,
      command:
        kind === "daemonset"
          ? `kubectl get nodes --show-labels`
          : `kubectl -n ${namespace} scale ${kind}/${name} --replicas=1`,
    };
  }
  return undefined;
}
