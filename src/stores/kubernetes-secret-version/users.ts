import { z } from "zod";
import type { Cluster } from "../../connections/kubernetes/cluster.ts";
import { Metadata } from "../../connections/kubernetes/objects.ts";
import type { Resource } from "../../connections/kubernetes/resource.ts";
import { isVersionOf } from "../../connections/kubernetes/versions.ts";
import type { Family } from "./family.ts";
import { secretNamesIn } from "./references.ts";

/** Who refers to which object of a family, by the object's name: "deployment/web". */
export type Users = ReadonlyMap<string, readonly string[]>;

/** `templates`: what runs pods of a version now. `running`: what may still read one. `all`: what could be brought back, too. */
export type Scope = "templates" | "running" | "all";

const Template = z.object({ metadata: Metadata, spec: z.object({ template: z.object({ spec: z.unknown() }) }) });
const Anything = z.object({
  metadata: Metadata,
  spec: z.unknown().optional(),
  data: z.unknown().optional(),
  status: z
    .object({
      phase: z.string().default(""),
      conditions: z.array(z.object({ type: z.string(), status: z.string() })).nullish(),
    })
    .nullish(),
});
type Anything = z.infer<typeof Anything>;

const workloads = [
  ["deployment", "apps/v1", "deployments"],
  ["statefulset", "apps/v1", "statefulsets"],
  ["daemonset", "apps/v1", "daemonsets"],
] as const;
const others = [
  ["replicaset", "apps/v1", "replicasets"],
  ["pod", "v1", "pods"],
  ["job", "batch/v1", "jobs"],
  ["cronjob", "batch/v1", "cronjobs"],
  ["ingress", "networking.k8s.io/v1", "ingresses"],
] as const;
const history = [["controllerrevision", "apps/v1", "controllerrevisions"]] as const;

/** Everything that is listed for a scope, with what it is called. */
export function listed(scope: Scope): readonly (readonly [kind: string, api: string, resource: string])[] {
  if (scope === "templates") return workloads;
  return scope === "running" ? [...workloads, ...others] : [...workloads, ...others, ...history];
}

/**
 * Who refers to what. A ReplicaSet without replicas and a Job that has ended run nothing: they count where what could be
 * brought back counts. Pods that ended for good count nowhere.
 */
export async function usersOf({ cluster, namespace, name }: Family, scope: Scope): Promise<Users> {
  const found = new Map<string, string[]>();
  for (const [kind, api, resource] of listed(scope)) {
    for (const [user, value] of await holders(cluster, { api, resource, namespace }, kind, scope)) {
      for (const secret of new Set(secretNamesIn(value))) {
        if (isVersionOf(name, secret)) found.set(secret, [...(found.get(secret) ?? []), `${kind}/${user}`]);
      }
    }
  }
  return found;
}

async function holders(
  cluster: Cluster,
  of: Resource,
  kind: string,
  scope: Scope,
): Promise<readonly (readonly [name: string, value: unknown])[]> {
  if (workloads.some(([each]) => each === kind)) {
    const all = await cluster.list(of, Template);
    return all.map(({ metadata, spec }) => [metadata.name, spec.template.spec]);
  }
  const all = await cluster.list(of, Anything);
  return all
    .filter((each) => !hasEnded(each) && (scope === "all" || mayRun(kind, each)))
    .map(({ metadata, spec, data }) => [metadata.name, [spec, data]]);
}

function hasEnded({ status }: Anything): boolean {
  return ["Succeeded", "Failed"].includes(status?.phase ?? "");
}

function mayRun(kind: string, each: Anything): boolean {
  if (kind === "replicaset") return replicasOf(each) > 0;
  const hasFinished = (each.status?.conditions ?? []).some(
    ({ type, status }) => ["Complete", "Failed"].includes(type) && status === "True",
  );
  return kind !== "job" || !hasFinished;
}

function replicasOf({ spec }: Anything): number {
  return z.object({ replicas: z.number().default(1) }).safeParse(spec).data?.replicas ?? 1;
}
