import { randomBytes } from "node:crypto";
import { z } from "zod";
import { kubernetesWorkload } from "../../../src/consumers/kubernetes-workload/consumer.ts";
import type { BoundConsumer, Consumer, Expected } from "../../../src/core/ports.ts";
import { Secret } from "../../../src/core/secret.ts";
import { openConsumer, until } from "../../contract/consumer-world.ts";
import type { Cluster } from "../../servers/kubernetes/cluster.ts";

const merge = "application/merge-patch+json";
const Found = z.looseObject({
  metadata: z.looseObject({
    name: z.string(),
    generation: z.number().default(0),
    deletionTimestamp: z.string().optional(),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
  spec: z.record(z.string(), z.unknown()).default({}),
  status: z
    .looseObject({ conditions: z.array(z.looseObject({ type: z.string(), status: z.string() })).default([]) })
    .prefault({}),
});
const List = z.object({ items: z.array(Found) });

export const plurals = { deployment: "deployments", statefulset: "statefulsets", daemonset: "daemonsets" } as const;

/** A namespace of its own with what a test puts in it. */
export type WorkloadWorld = {
  readonly namespace: string;
  /** Applies a workload (default: a Deployment `web` of 3 that reads the Secret `db`), `spec` merged into its own. */
  readonly deploy: (made?: Made) => Promise<void>;
  readonly entry: (at: string, more?: object) => Readonly<Record<string, unknown>>;
  readonly bind: (at: string, more?: object) => BoundConsumer;
  readonly open: (at?: string, more?: object) => Promise<Consumer>;
  readonly get: (path: string) => Promise<z.infer<typeof Found>>;
  readonly patch: (path: string, body: object, type?: string) => Promise<void>;
  readonly pods: () => Promise<readonly z.infer<typeof Found>[]>;
  /** Plays the node once, by hand: bound pods become ready, ending ones go. `leave`: names that stay as they are. */
  readonly play: (leave?: (name: string) => boolean) => Promise<void>;
  /** Plays the node until there are that many pods, all ready. */
  readonly settle: (count: number) => Promise<void>;
  /** Plays the node until the instances are as wanted, and answers them. */
  readonly seen: (
    consumer: Consumer,
    expected: Expected,
    holds: (all: Awaited<ReturnType<Consumer["instances"]>>) => boolean,
    leave?: (name: string) => boolean,
  ) => Promise<Awaited<ReturnType<Consumer["instances"]>>>;
};

export type Made = {
  readonly kind?: "Deployment" | "StatefulSet" | "DaemonSet";
  readonly name?: string;
  readonly spec?: object;
  readonly pod?: object;
  readonly metadata?: object;
  readonly annotations?: object;
};

/** What was published now; the clocks of this machine are one. */
export function publishedNow(
  places: Readonly<Record<string, string>> = {},
  values: Readonly<Record<string, string>> = {},
): Expected {
  return {
    ref: { principal: "app", generation: "2" },
    public: {},
    values: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, new Secret(value)])),
    since: new Date().toISOString(),
    places,
  };
}

/** One container that reads the Secret `db`. */
export const readsDb = {
  terminationGracePeriodSeconds: 1,
  containers: [
    {
      name: "app",
      image: "none",
      command: ["sleep", "1000"],
      envFrom: [{ secretRef: { name: "db", optional: true } }],
    },
  ],
};

/** For clusters without a node: pods are bound to a node that nobody runs, and the test plays it. */
export async function workloadWorld(cluster: Cluster, byHand = true): Promise<WorkloadWorld> {
  const namespace = `w-${randomBytes(4).toString("hex")}`;
  await cluster.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
  const get = async (path: string) => Found.parse(await cluster.api("GET", path));
  const patch = async (path: string, body: object, type = merge): Promise<void> => {
    await cluster.api("PATCH", path, body, type);
  };
  const podsPath = `/api/v1/namespaces/${namespace}/pods`;
  const pods = async () => List.parse(await cluster.api("GET", podsPath)).items;
  const entry = (at: string, more: object = {}) => ({
    kind: "kubernetes-workload",
    at: `test/${namespace}/${at}`,
    connection: { kind: "kubernetes", kubeconfig: cluster.kubeconfig },
    ...more,
  });
  const bind = (at: string, more: object = {}) => kubernetesWorkload.bind(entry(at, more));
  let address = 1;
  const play = async (leave: (name: string) => boolean = () => false): Promise<void> => {
    for (const { metadata, status } of await pods()) {
      if (leave(metadata.name)) continue;
      if (metadata.deletionTimestamp !== undefined) {
        await cluster.api("DELETE", `${podsPath}/${metadata.name}`, { gracePeriodSeconds: 0 }).catch(gone);
        continue;
      }
      if (status.conditions.some(({ type, status: on }) => type === "Ready" && on === "True")) continue;
      const podIP = `10.9.0.${address++}`;
      await patch(`${podsPath}/${metadata.name}/status`, { status: readyStatus(podIP) }).catch(gone);
    }
  };
  return {
    namespace,
    entry,
    bind,
    open: (at = "deployment/web", more = {}) => openConsumer(bind(at, more)),
    get,
    patch,
    pods,
    play,
    deploy: async ({
      kind = "Deployment",
      name = "web",
      spec = {},
      pod = readsDb,
      metadata = {},
      annotations = {},
    } = {}) => {
      const labels = { app: name };
      await cluster.apply({
        apiVersion: "apps/v1",
        kind,
        metadata: { name, namespace, ...metadata },
        spec: {
          ...(kind === "DaemonSet" ? {} : { replicas: 3 }),
          selector: { matchLabels: labels },
          template: {
            metadata: { labels, annotations },
            spec: { ...(byHand ? { nodeName: `by-hand-${namespace}` } : {}), ...pod },
          },
          ...spec,
        },
      });
    },
    settle: async (count) => {
      const isReady = ({ metadata, status }: z.infer<typeof Found>): boolean =>
        metadata.deletionTimestamp === undefined &&
        status.conditions.some(({ type, status: on }) => type === "Ready" && on === "True");
      const found = await until(
        async () => {
          if (byHand) await play();
          return await pods();
        },
        (all) => all.length === count && all.every(isReady),
      );
      if (found.length !== count || !found.every(isReady))
        throw new Error(`${found.length} pods, not ${count} ready ones`);
    },
    seen: (consumer, expected, holds, leave) =>
      until(async () => {
        if (byHand) await play(leave);
        return await consumer.instances(expected);
      }, holds),
  };
}

function readyStatus(podIP: string): object {
  const yes = (type: string) => ({ type, status: "True", lastTransitionTime: new Date().toISOString() });
  return {
    phase: "Running",
    podIP,
    podIPs: [{ ip: podIP }],
    conditions: [yes("Ready"), yes("ContainersReady"), yes("PodScheduled"), yes("Initialized")],
    containerStatuses: [
      {
        name: "app",
        ready: true,
        restartCount: 0,
        image: "none",
        imageID: "",
        state: { running: { startedAt: new Date().toISOString() } },
      },
    ],
  };
}

/** A pod may go while it is looked at. */
function gone(error: unknown): void {
  if (!(error instanceof Error) || !/ 404 | 409 /.test(error.message)) throw error;
}
