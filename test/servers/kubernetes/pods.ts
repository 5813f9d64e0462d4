import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { Exec, KubeConfig } from "@kubernetes/client-node";
import { z } from "zod";
import type { Cluster } from "./cluster.ts";

/** What tests look at of a pod; the rest is there too. */
const Pod = z.looseObject({
  metadata: z.looseObject({ name: z.string() }),
  status: z.looseObject({
    phase: z.string(),
    podIP: z.string().optional(),
    conditions: z.array(z.unknown()).default([]),
    containerStatuses: z.array(z.looseObject({ name: z.string(), state: z.unknown() })).default([]),
  }),
});
type Pod = z.infer<typeof Pod>;

/** What a program said and how it ended. */
type Exit = { readonly code: number; readonly stdout: string; readonly stderr: string };

const namespace = "shop";
const Pods = z.object({ items: z.array(Pod) });
const Deployment = z.object({
  metadata: z.object({ generation: z.number() }),
  status: z.object({
    observedGeneration: z.number().optional(),
    updatedReplicas: z.number().default(0),
    availableReplicas: z.number().default(0),
  }),
});
const Ending = z.object({
  status: z.string(),
  details: z.object({ causes: z.array(z.object({ message: z.string() })) }).optional(),
});

/** A pod of the namespace `shop`. */
export async function podOf(cluster: Cluster, name: string): Promise<Pod> {
  return Pod.parse(await cluster.api("GET", podPath(name)));
}

/** Those with a label, as `app=web`, in the namespace `shop`. */
export async function podsOf(cluster: Cluster, selector: string): Promise<readonly Pod[]> {
  const path = `/api/v1/namespaces/${namespace}/pods?labelSelector=${encodeURIComponent(selector)}`;
  return Pods.parse(await cluster.api("GET", path)).items;
}

/**
 * How far a Deployment is whose pods have the label `app` of its name; `left` counts all its pods, also those that are
 * ending.
 */
export async function rollout(
  cluster: Cluster,
  name: string,
): Promise<{ seen: boolean; updated: number; available: number; left: number }> {
  const found = await cluster.api("GET", `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`);
  const { metadata, status } = Deployment.parse(found);
  return {
    seen: status.observedGeneration === metadata.generation,
    updated: status.updatedReplicas,
    available: status.availableReplicas,
    left: (await podsOf(cluster, `app=${name}`)).length,
  };
}

/** `query`: options of the API, as `previous=true`. */
export async function logsOf(cluster: Cluster, name: string, query = ""): Promise<string> {
  return String(await cluster.api("GET", `${podPath(name)}/log?${query}`));
}

/** Runs a program in the container `app`, over the API server. */
export async function execIn(cluster: Cluster, name: string, argv: readonly string[], stdin?: string): Promise<Exit> {
  const config = new KubeConfig();
  config.loadFromFile(cluster.kubeconfig);
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const input = stdin === undefined ? null : Readable.from([stdin]);
  const ended = new Promise<unknown>((resolve, reject) => {
    new Exec(config).exec(namespace, name, "app", [...argv], stdout, stderr, input, false, resolve).catch(reject);
  });
  const { status, details } = Ending.parse(await ended);
  stdout.end();
  stderr.end();
  const code = status === "Success" ? 0 : Number(details?.causes[0]?.message);
  return { code, stdout: await text(stdout), stderr: await text(stderr) };
}

/** A container `app` with this command. */
export function container(command: readonly string[]): { name: string; image: string; command: readonly string[] } {
  return { name: "app", image: "none", command };
}

export function shell(script: string): readonly string[] {
  return ["/bin/sh", "-c", script];
}

export function podPath(name: string): string {
  return `/api/v1/namespaces/${namespace}/pods/${name}`;
}
