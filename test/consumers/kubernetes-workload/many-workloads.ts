import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { kubernetesWorkload } from "../../../src/consumers/kubernetes-workload/consumer.ts";
import type { Consumer, Expected } from "../../../src/core/ports.ts";
import { isSettled } from "../../../src/core/settled.ts";
import type { Entry } from "../../../src/core/target.ts";
import { consumerContext } from "../../contract/consumer-world.ts";
import { type ApiRequest, startApiProxy } from "../../servers/kubernetes/api-proxy.ts";
import type { Cluster } from "../../servers/kubernetes/cluster.ts";
import { publishedNow } from "./workload-world.ts";

/** What a piece of work cost at the API server. `lists`, `watches`: in the namespace that had the most. `patches`: of the workload that had the most. */
export type Cost = {
  readonly requests: number;
  readonly lists: number;
  readonly watches: number;
  readonly patches: number;
};

export type Costs = {
  readonly workloads: number;
  readonly discovery: Cost;
  readonly preflight: Cost;
  readonly reload: Cost;
  /** All pods are looked at once, while none of the new ones is ready. */
  readonly firstLook: Cost;
  /** The same when all are settled. */
  readonly lastLook: Cost;
};

const Pods = z.object({
  metadata: z.object({ continue: z.string().default("") }),
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string(), namespace: z.string() }),
      status: z.object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]) }),
    }),
  ),
});
const atOnce = 20;
const patienceMs = 300_000;

/**
 * Discovers, restarts and looks at `each` Deployments in each of so many namespaces that use one Secret, in the order in which the
 * engine goes through them, and counts the requests. The cluster has no node: pods become ready by hand. It is left as it is.
 */
export async function countRequests(
  cluster: Cluster,
  { namespaces, each }: { readonly namespaces: number; readonly each: number },
): Promise<Costs> {
  const names = Array.from({ length: namespaces }, (_, index) => `many-${String(index).padStart(2, "0")}`);
  const workloads = namespaces * each;
  await inParts(names, (namespace) => make(cluster, namespace, each));
  await play(cluster, workloads);
  await using proxy = await startApiProxy(cluster);
  const connection = { kind: "kubernetes", kubeconfig: proxy.kubeconfigFor(cluster.kubeconfig) };
  const context = consumerContext({});
  async function cost(work: () => Promise<void>): Promise<Cost> {
    proxy.reset();
    await work();
    return costOf(proxy.requests());
  }

  const entries: Entry[] = [];
  const discovery = await cost(async () => {
    for (const namespace of names) {
      const at = `test/${namespace}/secret/db`;
      const search = kubernetesWorkload.bind({ kind: "kubernetes-workload", at, discover: true, connection });
      entries.push(...((await search.discover?.(context)) ?? []));
    }
  });
  if (entries.length !== workloads) throw new Error(`${entries.length} workloads were found, not ${workloads}`);
  const consumers: Consumer[] = [];
  for (const entry of entries) consumers.push(await kubernetesWorkload.bind(entry).open(context));
  const preflight = await cost(async () => {
    for (const consumer of consumers) await consumer.preflight();
  });
  const expected = publishedNow();
  const reload = await cost(async () => {
    for (const consumer of consumers) for (const unit of await consumer.units()) await consumer.reload(unit, expected);
  });
  let settled = 0;
  const look = async (): Promise<void> => {
    settled = await settledOf(consumers, expected);
  };
  const firstLook = await leanest(() => cost(look));
  const giveUpAt = Date.now() + patienceMs;
  while (settled < workloads && Date.now() < giveUpAt) {
    await play(cluster, workloads);
    await look();
  }
  const lastLook = await leanest(() => cost(look));
  if (settled !== workloads) throw new Error(`${settled} of ${workloads} workloads settled`);
  for (const consumer of consumers) await consumer.close();
  return { workloads, discovery, preflight, reload, firstLook, lastLook };
}

/** A machine that is held up for longer than a list is shared (0.4 s) asks again: the least of three is what a look costs. */
async function leanest(look: () => Promise<Cost>): Promise<Cost> {
  const costs: Cost[] = [];
  for (let count = 0; count < 3; count += 1) {
    await sleep(500);
    costs.push(await look());
  }
  return costs.reduce((least, each) => (each.requests < least.requests ? each : least));
}

async function settledOf(consumers: readonly Consumer[], expected: Expected): Promise<number> {
  let count = 0;
  for (const consumer of consumers) {
    const instances = await consumer.instances(expected);
    if (instances.length > 0 && isSettled(instances)) count += 1;
  }
  return count;
}

function costOf(requests: readonly ApiRequest[]): Cost {
  const most = (verb: RegExp, by: (request: ApiRequest) => string): number => {
    const counted = new Map<string, number>();
    for (const request of requests.filter(({ text }) => verb.test(text)))
      counted.set(by(request), (counted.get(by(request)) ?? 0) + 1);
    return Math.max(0, ...counted.values());
  };
  return {
    requests: requests.length,
    lists: most(/^LIST /, ({ namespace }) => namespace),
    watches: most(/^WATCH /, ({ namespace }) => namespace),
    patches: most(/^PATCH /, ({ namespace, text }) => `${namespace} ${text.split(" ")[1] ?? ""}`),
  };
}

async function make(cluster: Cluster, namespace: string, each: number): Promise<void> {
  const containers = [{ name: "app", image: "none", envFrom: [{ secretRef: { name: "db" } }] }];
  const deployments = Array.from({ length: each }, (_, index) => {
    const labels = { app: `app-${index}` };
    const template = { metadata: { labels }, spec: { containers } };
    const spec = { replicas: 1, selector: { matchLabels: labels }, template };
    return { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: `app-${index}`, namespace }, spec };
  });
  await cluster.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } }, ...deployments);
}

/** Makes pods ready until there are so many, all ready. Pods without a node end at once. */
async function play(cluster: Cluster, count: number): Promise<void> {
  for (const giveUpAt = Date.now() + patienceMs; ; await sleep(100)) {
    const { items } = Pods.parse(await cluster.api("GET", "/api/v1/pods"));
    const waiting = items.filter(
      ({ status }) => !status.conditions.some(({ type, status: on }) => type === "Ready" && on === "True"),
    );
    if (waiting.length === 0 && items.length === count) return;
    if (Date.now() > giveUpAt) throw new Error(`${items.length - waiting.length} of ${count} pods are ready`);
    await inParts(waiting, async ({ metadata: { name, namespace } }) => {
      const path = `/api/v1/namespaces/${namespace}/pods/${name}/status`;
      await cluster.api("PATCH", path, { status: readyStatus() }, "application/merge-patch+json").catch(gone);
    });
  }
}

function readyStatus(): object {
  const now = new Date().toISOString();
  const yes = (type: string): object => ({ type, status: "True", lastTransitionTime: now });
  const state = { running: { startedAt: now } };
  return {
    phase: "Running",
    podIP: "10.9.0.1",
    podIPs: [{ ip: "10.9.0.1" }],
    conditions: [yes("Ready"), yes("ContainersReady"), yes("PodScheduled"), yes("Initialized")],
    containerStatuses: [{ name: "app", ready: true, restartCount: 0, image: "none", imageID: "", state }],
  };
}

async function inParts<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  for (let from = 0; from < all.length; from += atOnce)
    await Promise.all(all.slice(from, from + atOnce).map((one) => work(one)));
}

function gone(error: unknown): void {
  if (!(error instanceof Error) || !/ 404 | 409 /.test(error.message)) throw error;
}
