import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { type Cluster, startCluster } from "../../servers/kubernetes/cluster.ts";
import { newFolder } from "../../servers/run-folder.ts";
import type { Answers } from "./answers.ts";

const app = fileURLToPath(new URL("pod-app.ts", import.meta.url));
const patienceMs = 60_000;
const rbac = "rbac.authorization.k8s.io";
const Pods = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string(), deletionTimestamp: z.string().optional() }),
      status: z.object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]) }),
    }),
  ),
});
const Request = z.object({
  pod: z.string(),
  method: z.string(),
  url: z.string(),
  headers: z.record(z.string(), z.unknown()),
  body: z.string(),
});

/** What those who look into pods need, and no more. */
const rights = [
  { apiGroups: ["apps"], resources: ["deployments", "statefulsets"], verbs: ["get"] },
  { apiGroups: [""], resources: ["pods"], verbs: ["list"] },
  { apiGroups: [""], resources: ["pods/proxy"], verbs: ["get", "create"] },
  { apiGroups: [""], resources: ["pods/exec"], verbs: ["get", "create"] },
  { apiGroups: [""], resources: ["pods/portforward"], verbs: ["get", "create"] },
];

/** A cluster with a namespace `shop` whose pods are `pod-app.ts`, and the connection of an account that may look at them. */
export type Shop = {
  readonly cluster: Cluster;
  readonly folder: string;
  readonly port: number;
  readonly connection: { readonly kind: "kubernetes"; readonly kubeconfig: string; readonly context: string };
  /** An account that may only see the pods, not ask them. */
  readonly onlooker: Shop["connection"];
  /** Applies a Deployment or StatefulSet; resolves with the sorted names of its pods when all are ready. */
  readonly run: (
    name: string,
    replicas: number,
    more?: object,
    kind?: "Deployment" | "StatefulSet",
  ) => Promise<readonly string[]>;
  /** Sorted names of the pods of a Deployment by what they are now. */
  readonly podsOf: (name: string) => Promise<{ readonly ready: readonly string[]; readonly ending: readonly string[] }>;
  /** Writes a file for the pods at one moment: they look at any time. */
  readonly put: (name: string, text: string) => void;
  readonly answer: (answers: z.input<typeof Answers>) => void;
  /** What the pods were asked since the last call, readiness probes left out. */
  readonly asked: () => readonly z.infer<typeof Request>[];
  readonly stop: () => Promise<void>;
};

export async function openShop(): Promise<Shop> {
  const folder = newFolder("shop");
  const cluster = await startCluster();
  const port = 8080;
  await cluster.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } });
  const account = async (name: string, rules: readonly object[]) => {
    const metadata = { name, namespace: "shop" };
    await cluster.apply(
      { apiVersion: "v1", kind: "ServiceAccount", metadata },
      { apiVersion: `${rbac}/v1`, kind: "Role", metadata, rules },
      {
        apiVersion: `${rbac}/v1`,
        kind: "RoleBinding",
        metadata,
        roleRef: { apiGroup: rbac, kind: "Role", name },
        subjects: [{ kind: "ServiceAccount", name, namespace: "shop" }],
      },
    );
    return { kind: "kubernetes", kubeconfig: await cluster.kubeconfigFor("shop", name), context: "test" } as const;
  };
  const connection = await account("prober", rights);
  const onlooker = await account("onlooker", rights.slice(0, 2));
  const put = (name: string, text: string): void => {
    const half = join(folder, `.half-${name}`);
    writeFileSync(half, text);
    renameSync(half, join(folder, name));
  };
  const answer = (answers: z.input<typeof Answers>): void => put("answers.json", JSON.stringify(answers));
  answer({ answers: {} });
  const podsOf: Shop["podsOf"] = async (name) => {
    const { items } = Pods.parse(await cluster.api("GET", `/api/v1/namespaces/shop/pods?labelSelector=app=${name}`));
    const of = (wanted: (pod: (typeof items)[number]) => boolean): readonly string[] =>
      items
        .filter(wanted)
        .map(({ metadata }) => metadata.name)
        .toSorted();
    return {
      ready: of(
        ({ metadata, status }) =>
          metadata.deletionTimestamp === undefined &&
          status.conditions.some(({ type, status: is }) => type === "Ready" && is === "True"),
      ),
      ending: of(({ metadata }) => metadata.deletionTimestamp !== undefined),
    };
  };
  return {
    cluster,
    folder,
    port,
    connection,
    onlooker,
    podsOf,
    run: async (name, replicas, more = {}, kind = "Deployment") => {
      await cluster.apply(workload(kind, name, replicas, podSpec(folder, port, more)));
      return await readyPods(podsOf, name, replicas);
    },
    put,
    answer,
    asked: () => {
      const file = join(folder, "asked");
      const lines = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
      rmSync(file, { force: true });
      return lines.map((line) => Request.parse(JSON.parse(line)));
    },
    stop: async () => {
      rmSync(join(folder, "linger"), { force: true });
      await cluster.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function workload(kind: string, name: string, replicas: number, spec: object): object {
  const labels = { app: name };
  const template = { metadata: { labels }, spec };
  const metadata = { name, namespace: "shop" };
  return {
    apiVersion: "apps/v1",
    kind,
    metadata,
    spec: {
      replicas,
      ...(kind === "StatefulSet" ? { serviceName: name } : {}),
      selector: { matchLabels: labels },
      template,
    },
  };
}

async function readyPods(podsOf: Shop["podsOf"], name: string, count: number): Promise<readonly string[]> {
  for (const giveUpAt = Date.now() + patienceMs; ; await sleep(50)) {
    const { ready } = await podsOf(name);
    if (ready.length === count) return ready;
    if (Date.now() > giveUpAt) throw new Error(`${name} has ${ready.length} ready pods, not ${count}`);
  }
}

/** Two containers, of which the first runs the application. `more`: fields of it. */
export function podSpec(folder: string, port: number, more: object = {}): object {
  const field = (name: string, fieldPath: string): object => ({ name, valueFrom: { fieldRef: { fieldPath } } });
  const web = {
    name: "web",
    image: "none",
    command: [process.execPath, app],
    env: [
      { name: "FOLDER", value: folder },
      { name: "PORT", value: String(port) },
      field("POD_NAME", "metadata.name"),
      field("POD_IP", "status.podIP"),
    ],
    readinessProbe: { httpGet: { path: "/ready", port }, periodSeconds: 1, failureThreshold: 1 },
    ...more,
  };
  const sidecar = {
    name: "sidecar",
    image: "none",
    command: ["sleep", "100000"],
    env: [{ name: "ROLE", value: "sidecar" }],
  };
  return { terminationGracePeriodSeconds: 20, containers: [web, sidecar] };
}
