import { sharedList } from "../../connections/kubernetes/lists.ts";
import { type Owner, ownersOf } from "../../connections/kubernetes/owner.ts";
import type { Resource } from "../../connections/kubernetes/resource.ts";
import { Workload } from "./objects.ts";

/** The three kinds of workloads that can be restarted, as `at` and the API call them. */
export const workloadKinds = {
  deployment: { resource: "deployments", kind: "Deployment" },
  statefulset: { resource: "statefulsets", kind: "StatefulSet" },
  daemonset: { resource: "daemonsets", kind: "DaemonSet" },
} as const;
export type WorkloadKind = keyof typeof workloadKinds;

/** One workload: where it is, and what it is called in plans and threads. */
export type Subject = { readonly namespace: string; readonly kind: WorkloadKind; readonly name: string };

/** "deployment/web": the unit, and how its instances' ids begin. */
export function unitOf({ kind, name }: Subject): string {
  return `${kind}/${name}`;
}

/** It as a resource of the API; without `name` all of its kind in its namespace. */
export function resourceOf({ namespace, kind }: Omit<Subject, "name">, name?: string): Resource {
  return { api: "apps/v1", resource: workloadKinds[kind].resource, namespace, name };
}

/** All workloads of one kind in a namespace, see `sharedList`. */
export const listWorkloads = sharedList(Workload);

/** How many pods it is to have. Pure. */
export function desiredPods(kind: WorkloadKind, { spec, status }: Workload): number {
  return kind === "daemonset" ? status.desiredNumberScheduled : (spec.replicas ?? 1);
}

/** Who else writes its pod template from a source of its own. Pure. */
export function templateOwners(kind: WorkloadKind, { metadata }: Workload): readonly Owner[] {
  return ownersOf(workloadKinds[kind].kind, metadata, [["spec", "template"]]);
}

/** Who would write an old name back into the template by itself; a person's next apply is not among them. Pure. */
export function repointer(kind: WorkloadKind, workload: Workload): Owner | undefined {
  return templateOwners(kind, workload).find(({ tool }) => tool !== "apply");
}
