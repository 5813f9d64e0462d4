import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { Cluster } from "../servers/kubernetes/cluster.ts";
import { grant } from "../servers/kubernetes/grant.ts";
import type { Postgres } from "../servers/postgres.ts";
import type { Redis } from "../servers/redis.ts";
import { configmapName, sourceOf, workloadOf } from "./cluster-manifests.ts";
import { makeRoles, makeUsers } from "./light-shop.ts";

export type ClusterShopOptions = {
  readonly cluster: Cluster;
  readonly postgres: Postgres;
  readonly redis?: Redis;
  readonly replicas?: number;
  /** Pods that are refused write their whole environment to their log and end. */
  readonly crashes?: boolean;
  readonly watchMs?: number;
  readonly graceMs?: number;
  readonly settle?: string;
  /** The store's kind; with kubernetes-configmap everything stands in the ConfigMap `backend-config`. Default kubernetes-secret. */
  readonly store?: string;
  /** Default: one that no other application has. */
  readonly namespace?: string;
  /** Default deployment. */
  readonly workload?: "deployment" | "statefulset";
  /** How many templates of before are kept. Default: as Kubernetes has it. */
  readonly revisionHistoryLimit?: number;
  /** How often each pod logs in with each connection string, ms. Default 50. */
  readonly everyMs?: number;
};

/** An application of several pods in a namespace of its own, as TruLoad's: every connection string in one Secret or ConfigMap. */
export type ClusterShop = {
  readonly namespace: string;
  readonly folder: string;
  readonly catalog: string;
  readonly references: Readonly<Record<string, string>>;
  /** Another service's secret, which stands in the same pods' environment. */
  readonly foreign: string;
  readonly roles: readonly [string, string];
  /** What the Secret holds, as text. */
  readonly secret: (name?: string) => Promise<Readonly<Record<string, string>>>;
  /** Logins of all pods, gone ones included. */
  readonly totals: () => Promise<{ readonly logins: number; readonly refused: number; readonly errors: number }>;
  readonly pods: () => Promise<readonly Pod[]>;
  readonly replicaSets: () => Promise<number>;
  readonly close: () => Promise<void>;
};

const Pod = z.object({
  metadata: z.object({ name: z.string(), annotations: z.record(z.string(), z.string()).default({}) }),
  status: z.object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]) }),
});
type Pod = z.infer<typeof Pod>;
const List = z.object({ items: z.array(z.unknown()) });
const SecretObject = z.object({ data: z.record(z.string(), z.string()).default({}) });
const Counted = z.object({ logins: z.int(), refused: z.int(), errors: z.int() });

/** Makes roles and users at the servers, the Secret and the workload, and Keyturn's own account from `deploy/kubernetes/`. */
export async function openClusterShop(options: ClusterShopOptions): Promise<ClusterShop> {
  const { cluster, postgres, redis, replicas = 3, workload = "deployment" } = options;
  const tag = randomBytes(3).toString("hex");
  const { namespace = `shop-${tag}` } = options;
  const folder = await mkdtemp(join(tmpdir(), "keyturn-cluster-"));
  const first = `first-password-${randomBytes(12).toString("hex")}`;
  const admin = `admin-password-${randomBytes(12).toString("hex")}`;
  const foreign = `sk-ant-${randomBytes(24).toString("base64url")}`;
  const roles = [`shop_${tag}_a`, `shop_${tag}_b`] as const;
  await makeRoles(postgres, tag, roles, first, admin);
  if (redis !== undefined) await makeUsers(redis, tag, [roles[0]], first, admin);
  const ado = (user: string, password: string) =>
    `Host=127.0.0.1;Port=${String(postgres.port)};Database=postgres;Username=${user};Password=${password};Pooling=true`;
  const exchange = (user: string, password: string) =>
    `127.0.0.1:${String(redis?.port ?? 0)},user=${user},password=${password},abortConnect=false`;
  const data = {
    CONNECTIONSTRINGS__DEFAULTCONNECTION: ado(roles[0], first),
    TENANTDATABASES__KURA: ado(roles[0], first),
    ...(redis === undefined ? {} : { REDIS__CONNECTIONSTRING: exchange(roles[0], first) }),
    ANTHROPIC_API_KEY: foreign,
  };
  const kubeconfig = await grant(cluster, {
    namespace,
    workload: "backend",
    secret: "backend",
    configmap: configmapName,
    options: [
      ...(options.store === "kubernetes-configmap" ? ["configmap"] : []),
      ...(workload === "statefulset" ? ["statefulset"] : []),
    ],
    manifests: options.store === "kubernetes-secret-version" ? ["versioned"] : [],
  });
  await cluster.apply(
    sourceOf(namespace, data, options.store),
    workloadOf(namespace, { ...options, folder, replicas }),
  );
  const get = (path: string) => cluster.api("GET", path);
  const pods = async () =>
    List.parse(await get(`/api/v1/namespaces/${namespace}/pods`)).items.map((item) => Pod.parse(item));
  await until(async () => (await pods()).filter(isReady).length === replicas, "the pods are ready");
  return {
    namespace,
    folder,
    foreign,
    roles,
    references: { ADMIN: admin },
    catalog: catalogText(options, { namespace, kubeconfig, tag, roles, ado, exchange }),
    secret: async (name = "backend") => {
      const object = SecretObject.parse(await get(`/api/v1/namespaces/${namespace}/secrets/${name}`));
      return Object.fromEntries(
        Object.entries(object.data).map(([key, value]) => [key, Buffer.from(value, "base64").toString()]),
      );
    },
    totals: () => totalsIn(folder),
    pods,
    replicaSets: async () => List.parse(await get(`/apis/apps/v1/namespaces/${namespace}/replicasets`)).items.length,
    close: async () => {
      await cluster.api("DELETE", `/apis/apps/v1/namespaces/${namespace}/${workload}s/backend`);
      await until(async () => (await pods()).length === 0, "the pods are gone");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export function isReady({ status }: Pod): boolean {
  return status.conditions.some((condition) => condition.type === "Ready" && condition.status === "True");
}

export async function until(look: () => Promise<boolean>, what: string, withinMs = 60_000): Promise<void> {
  const end = performance.now() + withinMs;
  while (!(await look())) {
    if (performance.now() > end) throw new Error(`it did not come about: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Logins of all pods that keep their counts in this folder, gone ones included. */
export async function totalsIn(folder: string) {
  const sum = { logins: 0, refused: 0, errors: 0 };
  for (const name of await readdir(folder)) {
    if (!name.endsWith(".json")) continue;
    // Every pod keeps its counts in a file of its own; one that is just being written is read in the next look.
    const text = await readFile(join(folder, name), "utf8");
    const counted = Counted.safeParse(text.endsWith("}") ? JSON.parse(text) : undefined);
    if (!counted.success) continue;
    sum.logins += counted.data.logins;
    sum.refused += counted.data.refused;
    sum.errors += counted.data.errors;
  }
  return sum;
}

type Parts = {
  readonly namespace: string;
  readonly kubeconfig: string;
  readonly tag: string;
  readonly roles: readonly [string, string];
  readonly ado: (user: string, password: string) => string;
  readonly exchange: (user: string, password: string) => string;
};

function catalogText(options: ClusterShopOptions, parts: Parts): string {
  const { postgres, redis, graceMs = 500, watchMs = 1_500, settle = "1s" } = options;
  const { store = "kubernetes-secret", workload = "deployment" } = options;
  const { namespace, kubeconfig, tag, roles, ado, exchange } = parts;
  const admin = { username: `keyturn_${tag}`, password: "env:ADMIN" };
  const target = (secret: string, rotator: object, values: object) => ({
    secret,
    environment: "test",
    policy: "test",
    owner: "@platform",
    rotator,
    publish: [
      { store, at: `test/${namespace}/${store === "kubernetes-configmap" ? configmapName : "backend"}`, values },
    ],
    consumers: [{ kind: "kubernetes-workload", at: `test/${namespace}/${workload}/backend`, settle }],
    checks: [
      { kind: "logs", of: "consumers", pattern: "auth.*error|unauthorized|forbidden", window: "10s", settle: "200ms" },
      { kind: "login" },
    ],
    grace: `${String(graceMs)}ms`,
    graceMax: "1h",
    idle: { for: "1s" },
    watch: `${String(watchMs)}ms`,
    notice: "0s",
  });
  const filled = ado("{{username|ado}}", "{{password|ado}}");
  const postgresTarget = target(
    "postgres",
    {
      kind: "postgres-role",
      url: `postgresql://127.0.0.1:${String(postgres.port)}/postgres`,
      admin,
      roles,
      owner: `shop_${tag}`,
    },
    { CONNECTIONSTRINGS__DEFAULTCONNECTION: filled, TENANTDATABASES__KURA: filled },
  );
  const redisTarget = target(
    "redis",
    { kind: "redis-acl", url: `redis://127.0.0.1:${String(redis?.port ?? 0)}`, admin, user: roles[0] },
    { REDIS__CONNECTIONSTRING: exchange("{{username}}", "{{password}}") },
  );
  const catalog = {
    version: 1,
    demo: true,
    connections: { test: { kind: "kubernetes", kubeconfig } },
    policies: {
      test: {
        channel: "#security-ops",
        requesters: ["@oncall", "@security"],
        approvals: [
          { from: "@security", min: 1 },
          { from: "@oncall", min: 1, else: "@leads" },
        ],
        oncall: "@oncall",
      },
    },
    targets: [postgresTarget, ...(redis === undefined ? [] : [redisTarget])],
  };
  return JSON.stringify(catalog);
}
