import { randomBytes } from "node:crypto";
import { z } from "zod";
import type { BoundStore } from "../../../src/core/ports.ts";
import { kubernetesSecretVersion } from "../../../src/stores/kubernetes-secret-version/store.ts";
import type { StoreWorld } from "../../contract/store.ts";
import type { Cluster } from "../../servers/kubernetes/cluster.ts";

const merge = "application/merge-patch+json";
const texts = z.record(z.string(), z.string()).default({});
const SecretObject = z.object({
  metadata: z.object({ name: z.string(), labels: texts, annotations: texts, uid: z.string() }),
  type: z.string(),
  immutable: z.boolean().default(false),
  data: texts,
});
type SecretObject = z.infer<typeof SecretObject>;
const Deployment = z.object({
  spec: z.object({
    template: z.object({
      spec: z.object({
        containers: z.array(z.object({ envFrom: z.array(z.object({ secretRef: z.object({ name: z.string() }) })) })),
      }),
    }),
  }),
});

/** A Secret `db` in a namespace of its own, and the Deployment `web` that reads it. */
export type VersionWorld = StoreWorld & {
  readonly follow: (place: string) => Promise<void>;
  readonly namespace: string;
  /** The same place with another configuration, or another login. */
  readonly boundWith: (more: object, kubeconfig?: string) => BoundStore;
  readonly secret: (name: string) => Promise<SecretObject>;
  /** The text under one key. */
  readonly text: (name: string, key: string) => Promise<string | undefined>;
  /** Names of all Secrets of the namespace, sorted. */
  readonly names: () => Promise<readonly string[]>;
  readonly make: (name: string, more?: Made) => Promise<void>;
  /** Applies a workload without pods that reads a Secret. */
  readonly deploy: (name: string, secret: string, kind?: string, spec?: object) => Promise<void>;
  /** A merge patch as somebody else. */
  readonly patch: (path: string, body: object) => Promise<void>;
};

type Made = {
  readonly metadata?: object;
  readonly data?: object;
  readonly type?: string;
  readonly immutable?: boolean;
};

export const flat = { PRESENT: "old", NEIGHBOUR: "his", OTHER: "x\0\u00fc\n" };
const encoded = (data: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString("base64")]));

/** `entry`: what else the catalog's entry says. With `names: fixed` the two Secrets are made, too. */
export async function versionWorld(cluster: Cluster, entry: object = {}): Promise<VersionWorld> {
  const namespace = `v-${randomBytes(4).toString("hex")}`;
  await cluster.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
  const path = `/api/v1/namespaces/${namespace}/secrets`;
  const deployment = `/apis/apps/v1/namespaces/${namespace}/deployments/web`;
  const boundAt = (name: string, more: object, kubeconfig = cluster.kubeconfig): BoundStore =>
    kubernetesSecretVersion.bind({
      store: "kubernetes-secret-version",
      at: `test/${namespace}/${name}`,
      connection: { kind: "kubernetes", kubeconfig },
      ...entry,
      ...more,
    });
  const secret = async (name: string) => SecretObject.parse(await cluster.api("GET", `${path}/${name}`));
  const all = async () => z.object({ items: z.array(SecretObject) }).parse(await cluster.api("GET", path)).items;
  const used = async (): Promise<string> => {
    const [container] = Deployment.parse(await cluster.api("GET", deployment)).spec.template.spec.containers;
    return container?.envFrom[0]?.secretRef.name ?? "";
  };
  const patch = async (of: string, body: object): Promise<void> => {
    await cluster.api("PATCH", `${of}?fieldManager=somebody`, body, merge);
  };
  const make = async (name: string, { metadata = {}, ...more }: Made = {}) => {
    const object = { apiVersion: "v1", kind: "Secret", metadata: { name, ...metadata }, data: encoded(flat), ...more };
    await cluster.api("POST", path, object);
  };
  const deploy: VersionWorld["deploy"] = async (name, reads, kind = "Deployment", spec = {}) => {
    const labels = { app: name };
    await cluster.apply({
      apiVersion: "apps/v1",
      kind,
      metadata: { name, namespace },
      spec: {
        ...(kind === "DaemonSet" ? {} : { replicas: 0 }),
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: podOf(reads) },
        ...spec,
      },
    });
  };
  await make("db", { metadata: { labels: { team: "shop", "app.kubernetes.io/instance": "shop" } } });
  if ("names" in entry) {
    for (const name of ["db-a", "db-b"]) {
      await make(name, { metadata: { labels: { "keyturn.dev/secret": "db" } }, data: {} });
    }
  }
  await deploy("web", "db");
  return {
    namespace,
    bound: boundAt("db", {}),
    missing: boundAt("nowhere", {}),
    boundWith: (more, kubeconfig) => boundAt("db", more, kubeconfig),
    keys: { present: "PRESENT", absent: "ABSENT", neighbour: "NEIGHBOUR" },
    secret,
    text: async (name, key) => {
      const found = (await secret(name)).data[key];
      return found === undefined ? undefined : Buffer.from(found, "base64").toString("utf8");
    },
    names: async () => (await all()).map(({ metadata }) => metadata.name).toSorted(),
    make,
    deploy,
    patch,
    follow: (place) => patch(deployment, { spec: { template: { spec: podOf(place) } } }),
    everything: async () => {
      const { type, data } = await secret(await used());
      const others = (await all()).filter(({ metadata }) => metadata.labels["keyturn.dev/secret"] === undefined);
      return JSON.stringify([type, data, others]);
    },
    editNeighbour: async (value) => patch(`${path}/${await used()}`, { data: encoded({ NEIGHBOUR: value }) }),
    close: async () => {
      await cluster.api("DELETE", `/api/v1/namespaces/${namespace}`);
    },
  };
}

/** A pod that reads one Secret. */
export function podOf(secret: string): object {
  return { containers: [{ name: "app", image: "none", envFrom: [{ secretRef: { name: secret } }] }] };
}
