import { z } from "zod";
import { urlOf } from "../../sandbox/world/connection-string.ts";
import { type ClusterShop, openClusterShop } from "../engine/cluster-shop.ts";
import { freshDatabase } from "../servers/fresh-database.ts";
import { startApiProxy } from "../servers/kubernetes/api-proxy.ts";
import { type Cluster, startCluster } from "../servers/kubernetes/cluster.ts";
import { missingOf } from "../servers/need.ts";
import { type Postgres, queryOnce, startPostgres } from "../servers/postgres.ts";
import type { ProgramName } from "../servers/program.ts";
import type { AnyLane } from "./lane.ts";
import { newPlace, openWorkers, type QueueKind } from "./lane-workers.ts";
import type { Target } from "./target.ts";

export const clusterPrograms = [
  "kube-apiserver",
  "kube-controller-manager",
  "keyturn-kubelet",
  "etcd",
] as const satisfies readonly ProgramName[];

/** Whether this machine has what a lane on Kubernetes needs. */
export function hasCluster(): boolean {
  return missingOf(clusterPrograms).length === 0;
}

const leaseMs = 2_500;
const key = "CONNECTIONSTRINGS__DEFAULTCONNECTION";
const sameKey = "TENANTDATABASES__KURA";
const Catalog = z.looseObject({
  connections: z.object({ test: z.looseObject({ kubeconfig: z.string() }) }),
  targets: z.tuple([z.looseObject({ rotator: z.record(z.string(), z.unknown()) })]),
});
const Secret = z.object({
  metadata: z.object({
    labels: z.record(z.string(), z.string()).default({}),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
  data: z.record(z.string(), z.string()),
});
const Stored = Secret.shape.metadata.extend({ data: z.record(z.string(), z.string()) });
const Deployment = z.object({
  metadata: z.object({ annotations: z.object({ "deployment.kubernetes.io/revision": z.coerce.number() }) }),
});

/**
 * Roles that take turns, whose connection string stands twice in a Secret, and a Deployment of two pods that log in with it. Points
 * on the wire are the requests to the API server; a reload is one of them. A cluster and a PostgreSQL of its own.
 */
export async function openKubernetesLane(queue: QueueKind): Promise<AnyLane> {
  const cluster = await startCluster();
  const network = cluster.podNetwork?.cidr ?? "127.0.0.1/32";
  const hba = ["127.0.0.1/32", network].map((from) => `host all all ${from} scram-sha-256`);
  const postgres = await startPostgres({ version: 18, hba });
  const shop = await openClusterShop({ cluster, postgres, replicas: 2, graceMs: 200, watchMs: 1_000, settle: "500ms" });
  const proxy = await startApiProxy(cluster);
  const database = await freshDatabase();
  const catalog = Catalog.parse(JSON.parse(shop.catalog));
  const { test } = catalog.connections;
  const connections = { test: { ...test, kubeconfig: proxy.kubeconfigFor(test.kubeconfig) } };
  const workers = await openWorkers(database, {
    databaseUrl: database.url,
    folder: shop.folder,
    catalog: JSON.stringify({ ...catalog, connections }),
    references: shop.references,
    leaseMs,
    place: await newPlace(queue, database),
  });
  return {
    mode: "postgres-role dual on Kubernetes",
    queue,
    target: targetOf(shop, postgres, catalog.targets[0].rotator),
    stage: workers.stage,
    database,
    leaseMs,
    worker: workers.worker,
    wire: proxy,
    stored: { read: () => stored(cluster, shop), urlIn, restOf },
    restarts: () => rollOuts(cluster, shop),
    // The annotation that starts a roll-out bears the rotation and the publish: a second patch with it changes nothing.
    extraPerKill: 0,
    refused: async () => (await shop.totals()).refused,
    onReload: () => undefined,
    close: async () => {
      await workers.close();
      await shop.close();
      await proxy[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
      await cluster.stop();
      await postgres[Symbol.asyncDispose]();
    },
  };
}

function targetOf({ roles, references }: ClusterShop, postgres: Postgres, rotator: Target["rotator"]): Target {
  return {
    kind: "postgres",
    overlap: "dual",
    rotator,
    template: "",
    firstUrl: "",
    adminPassword: references["ADMIN"] ?? "",
    names: roles,
    look: async () => {
      const rows = await postgres.query(
        "SELECT rolname, rolcanlogin, rolpassword IS NOT NULL AS has FROM pg_authid WHERE rolname = ANY($1)",
        [roles],
      );
      return {
        live: rows.filter((row) => row["rolcanlogin"] === true).map((row) => String(row["rolname"])),
        passwords: rows.filter((row) => row["has"] === true).length,
      };
    },
    accepts: async (url) => {
      try {
        return (await queryOnce(url, "SELECT 1")).length === 1;
      } catch {
        return false;
      }
    },
  };
}

/** The Secret with what Keyturn may leave on it: data, labels, annotations. */
async function stored(cluster: Cluster, { namespace }: ClusterShop): Promise<string> {
  const { metadata, data } = Secret.parse(await cluster.api("GET", `/api/v1/namespaces/${namespace}/secrets/backend`));
  const texts = Object.entries(data).map(([name, value]) => [name, Buffer.from(value, "base64").toString()] as const);
  return JSON.stringify({ ...metadata, data: Object.fromEntries(texts) });
}

function urlIn(text: string): string {
  return urlOf("postgres", Stored.parse(JSON.parse(text)).data[key] ?? "");
}

/** Both of our keys hold the same connection string, at all times that are looked at. */
function restOf(text: string): string {
  const { data, ...rest } = Stored.parse(JSON.parse(text));
  const { [key]: first, [sameKey]: second, ...others } = data;
  return JSON.stringify({ ...rest, others, same: first === second });
}

/** How many templates the Deployment has had: one for each roll-out. */
async function rollOuts(cluster: Cluster, { namespace }: ClusterShop): Promise<Readonly<Record<string, number>>> {
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments/backend`;
  const { metadata } = Deployment.parse(await cluster.api("GET", path));
  return { "deployment/backend": metadata.annotations["deployment.kubernetes.io/revision"] };
}
