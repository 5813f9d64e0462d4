import { z } from "zod";
import { type ClusterShop, type ClusterShopOptions, openClusterShop } from "../engine/cluster-shop.ts";
import { freshDatabase } from "../servers/fresh-database.ts";
import { startApiProxy } from "../servers/kubernetes/api-proxy.ts";
import { startCluster } from "../servers/kubernetes/cluster.ts";
import { missingOf } from "../servers/need.ts";
import { type Postgres, queryOnce, startPostgres } from "../servers/postgres.ts";
import type { ProgramName } from "../servers/program.ts";
import { storedIn } from "./kubernetes-stored.ts";
import type { AnyLane, ClusterMode } from "./lane.ts";
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
const Catalog = z.looseObject({
  connections: z.object({ test: z.looseObject({ kubeconfig: z.string() }) }),
  targets: z.tuple([z.looseObject({ rotator: z.record(z.string(), z.unknown()) })]),
});

const times = { graceMs: 200, watchMs: 1_000, settle: "500ms", everyMs: 100 };

/** What of the application differs from mode to mode. */
const applications: Readonly<
  Record<ClusterMode, Required<Pick<ClusterShopOptions, "store" | "workload">> & Partial<ClusterShopOptions>>
> = {
  "postgres-role dual on Kubernetes": { store: "kubernetes-secret", workload: "deployment" },
  // Without a history nothing refers to a version before: what is left over of it can be counted.
  "postgres-role dual in versions of a Secret": {
    store: "kubernetes-secret-version",
    workload: "deployment",
    revisionHistoryLimit: 0,
  },
  "postgres-role dual in a ConfigMap of a StatefulSet": { store: "kubernetes-configmap", workload: "statefulset" },
};

/**
 * Roles that take turns, whose connection string stands twice in a Secret or ConfigMap, and a workload of two pods that log in with
 * it. Points on the wire are the requests to the API server; a reload is one of them. A cluster and a PostgreSQL of its own.
 */
export async function openKubernetesLane(mode: ClusterMode, queue: QueueKind): Promise<AnyLane> {
  const cluster = await startCluster();
  const network = cluster.podNetwork?.cidr ?? "127.0.0.1/32";
  const hba = ["127.0.0.1/32", network].map((from) => `host all all ${from} scram-sha-256`);
  const postgres = await startPostgres({ version: 18, hba });
  const shop = await openClusterShop({
    cluster,
    postgres,
    namespace: "shop",
    replicas: 2,
    ...times,
    ...applications[mode],
  });
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
    mode,
    queue,
    target: targetOf(shop, postgres, catalog.targets[0].rotator),
    stage: workers.stage,
    database,
    leaseMs,
    worker: workers.worker,
    wire: proxy,
    ...storedIn(cluster, shop.namespace, applications[mode]),
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
