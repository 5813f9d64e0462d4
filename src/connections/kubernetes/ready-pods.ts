import { z } from "zod";
import { KeyturnError } from "../../core/errors.ts";
import type { Cluster } from "./cluster.ts";
import { Metadata } from "./objects.ts";
import type { WorkloadPlace } from "./place.ts";
import { selectorText } from "./selector.ts";

const Workload = z.object({
  metadata: Metadata,
  spec: z.object({
    selector: z.object({
      matchLabels: z.record(z.string(), z.string()).default({}),
      matchExpressions: z
        .array(z.object({ key: z.string(), operator: z.string(), values: z.array(z.string()).default([]) }))
        .default([]),
    }),
  }),
});
type Workload = z.infer<typeof Workload>;

const Pod = z.object({
  metadata: Metadata,
  spec: z.object({ containers: z.array(z.object({ name: z.string() })).default([]) }),
  status: z
    .object({
      phase: z.string().default(""),
      conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]),
    })
    .prefault({}),
});
type Pod = z.infer<typeof Pod>;

/** A pod that serves. `containers`: the one that kubectl would choose comes first. */
export type ReadyPod = { readonly name: string; readonly containers: readonly string[] };

/**
 * The ready pods of a workload by name, and how many it has that are not ready. Pods that are ending, have ended, or bear its
 * labels without being its own are left out. Two requests.
 *
 * @throws KeyturnError pods_none: there is nobody to ask, and so nothing was proved
 */
export async function readyPods(
  cluster: Cluster,
  { namespace, kind, name }: WorkloadPlace,
): Promise<{ readonly ready: readonly ReadyPod[]; readonly waiting: number }> {
  const workload = await cluster.get({ api: "apps/v1", resource: `${kind}s`, namespace, name }, Workload);
  const labelSelector = selectorText(workload.spec.selector);
  const pods = await cluster.list({ api: "v1", resource: "pods", namespace }, Pod, { labelSelector });
  const own = pods.filter((pod) => isAlive(pod) && belongs(pod, workload));
  const ready = own
    .filter(({ status }) => status.conditions.some((each) => each.type === "Ready" && each.status === "True"))
    .map((pod) => ({ name: pod.metadata.name, containers: containersOf(pod) }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  if (ready.length > 0) return { ready, waiting: own.length - ready.length };
  throw new KeyturnError("pods_none", `no pod of ${kind}/${name} in ${namespace} is ready (of ${own.length})`, {
    hint: "nothing is concluded from nobody: look at its pods",
  });
}

/** "2 not ready", for people; undefined when there is none. */
export function leftOut(waiting: number): string | undefined {
  return waiting === 0 ? undefined : `${waiting} not ready`;
}

function isAlive({ metadata, status }: Pod): boolean {
  return metadata.deletionTimestamp === undefined && status.phase === "Running";
}

/** A Deployment's pods belong to a ReplicaSet that has its name and the template's hash, so no list of ReplicaSets is needed. */
function belongs({ metadata }: Pod, workload: Workload): boolean {
  const controller = metadata.ownerReferences.find(({ controller: is }) => is === true);
  const hash = metadata.labels["pod-template-hash"];
  return (
    controller?.uid === workload.metadata.uid ||
    (controller?.kind === "ReplicaSet" && hash !== undefined && controller.name === `${workload.metadata.name}-${hash}`)
  );
}

function containersOf({ metadata, spec }: Pod): readonly string[] {
  const names = spec.containers.map(({ name }) => name);
  const first = metadata.annotations["kubectl.kubernetes.io/default-container"] ?? names[0];
  return first === undefined || !names.includes(first) ? names : [first, ...names.filter((name) => name !== first)];
}
