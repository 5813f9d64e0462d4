import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { CoreV1Api, KubeConfig, type KubernetesObject, KubernetesObjectApi } from "@kubernetes/client-node";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import type { Counts } from "../world/supervisor.ts";
import { startDemoCluster } from "./cluster.ts";
import { adminReference, type Part, tryLogins } from "./part.ts";
import { startPostgres } from "./postgres.ts";

const namespace = "shop";
const secret = "shop-database";
const workload = "shop";
const pods = 3;
const port = 8080;

/**
 * A Deployment of three pods that log in to PostgreSQL with what a Secret says, each from its own address. Keyturn acts as the
 * service account of `deploy/kubernetes/`, with its names put in and nothing added.
 */
export async function kubernetesPart(folder: string): Promise<Part> {
  const cluster = await startDemoCluster(folder);
  const issuer = await startPostgres(folder, [cluster.podNetwork.cidr]);
  const counts = `${folder}/counts`;
  await mkdir(counts, { recursive: true });
  const config = new KubeConfig();
  config.loadFromFile(cluster.kubeconfig);
  const objects = KubernetesObjectApi.makeApiClient(config);
  const core = config.makeApiClient(CoreV1Api);
  for (const object of [...(await manifests()), ...application(issuer.firstUrl, counts)]) {
    await objects.create(object);
  }
  const kubeconfig = `${folder}/keyturn.kubeconfig`;
  await writeFile(kubeconfig, await keyturnsOwn(core, cluster), { mode: 0o600 });
  await running(core);
  return {
    name: "kubernetes",
    secret: "postgres",
    references: adminReference(issuer),
    environment: "cluster",
    connections: { shop: { kind: "kubernetes", kubeconfig } },
    target: {
      rotator: issuer.rotator,
      publish: [{ store: "kubernetes-secret", at: `shop/${namespace}/${secret}`, values: { url: issuer.template } }],
      consumers: [{ kind: "kubernetes-workload", at: `shop/${namespace}/deployment/${workload}`, settle: "3s" }],
      checks: cluster.podNetwork.proxyable
        ? [
            {
              kind: "http",
              pods: `shop/${namespace}/deployment/${workload}`,
              port,
              path: "/health",
              expect: { status: 200, json: { "$.components.postgres": "healthy" } },
              settle: "2s",
            },
          ]
        : [],
    },
    totals: () => totalsIn(counts),
    trial: async () => {
      const { data } = await core.readNamespacedSecret({ name: secret, namespace });
      return tryLogins(issuer, Buffer.from(data?.["url"] ?? "", "base64").toString());
    },
    stop: async () => {
      await cluster.stop();
      await issuer.stop();
    },
  };
}

async function manifests(): Promise<readonly KubernetesObject[]> {
  const texts = await Promise.all(
    ["keyturn", "application"].map((name) =>
      readFile(fileURLToPath(new URL(`../../deploy/kubernetes/${name}.yaml`, import.meta.url)), "utf8"),
    ),
  );
  const own = texts.map((text) =>
    text.replaceAll("truload-backend-secrets", secret).replaceAll("truload-backend", workload),
  );
  const documents = own.flatMap((text) => parseAllDocuments(text).map((document) => Manifest.parse(document.toJS())));
  return [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
    ...documents.map((each) =>
      each.kind.startsWith("Role") ? { ...each, metadata: { ...each.metadata, namespace } } : each,
    ),
  ];
}
const Manifest = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
});

function application(url: string, counts: string): readonly KubernetesObject[] {
  const labels = { app: workload };
  const field = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });
  const container = {
    name: "shop",
    image: "shop",
    command: [process.execPath, fileURLToPath(new URL("../world/pod.ts", import.meta.url))],
    env: [
      { name: "DATABASE_URL", valueFrom: { secretKeyRef: { name: secret, key: "url" } } },
      field("POD_NAME", "metadata.name"),
      field("POD_IP", "status.podIP"),
      { name: "LOGINS", value: "postgres:DATABASE_URL" },
      { name: "PORT", value: String(port) },
      { name: "COUNTS_FOLDER", value: counts },
      { name: "EVERY_MS", value: "40" },
    ],
    readinessProbe: { httpGet: { path: "/health", port }, periodSeconds: 1, failureThreshold: 2 },
  };
  const deployment = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: workload, namespace },
    spec: {
      replicas: pods,
      selector: { matchLabels: labels },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 5, containers: [container] } },
    },
  };
  return [
    { apiVersion: "v1", kind: "Secret", metadata: { name: secret, namespace }, stringData: { url, other: "stays" } },
    deployment,
  ].map((each) => Manifest.parse(each));
}

/** A kubeconfig with a token of Keyturn's service account. */
async function keyturnsOwn(core: CoreV1Api, { url, caFile }: { url: string; caFile: string }): Promise<string> {
  const { status } = await core.createNamespacedServiceAccountToken({
    name: "keyturn",
    namespace: "keyturn",
    body: { spec: { audiences: [], expirationSeconds: 7_200 } },
  });
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "shop", cluster: { server: url, "certificate-authority": caFile } }],
    users: [{ name: "keyturn", user: { token: status?.token ?? "" } }],
    contexts: [{ name: "shop", context: { cluster: "shop", user: "keyturn" } }],
    "current-context": "shop",
  });
}

async function running(core: CoreV1Api): Promise<void> {
  const until = Date.now() + 60_000;
  while (Date.now() < until) {
    const { items } = await core.listNamespacedPod({ namespace });
    const ready = items.filter(({ status }) =>
      (status?.conditions ?? []).some((condition) => condition.type === "Ready" && condition.status === "True"),
    );
    if (ready.length === pods) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error("the demo's pods did not become ready");
}

const Counted = z.object({ logins: z.int(), refused: z.int(), errors: z.int() });

/** Every pod keeps its counts in a file of its own; one that is just being written is read in the next look. */
async function totalsIn(folder: string): Promise<Counts> {
  const sum = { logins: 0, refused: 0, errors: 0 };
  for (const name of await readdir(folder)) {
    const counted = Counted.safeParse(jsonOf(await readFile(`${folder}/${name}`, "utf8")));
    if (!counted.success) continue;
    sum.logins += counted.data.logins;
    sum.refused += counted.data.refused;
    sum.errors += counted.data.errors;
  }
  return sum;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
