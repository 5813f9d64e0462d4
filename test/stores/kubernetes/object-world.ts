import { randomBytes } from "node:crypto";
import { z } from "zod";
import type { BoundStore, StoreKind } from "../../../src/core/ports.ts";
import { kubernetesConfigmap } from "../../../src/stores/kubernetes-configmap/store.ts";
import { kubernetesSecret } from "../../../src/stores/kubernetes-secret/store.ts";
import type { StoreWorld } from "../../contract/store.ts";
import type { Cluster } from "../../servers/kubernetes/cluster.ts";

export const namespace = "shop";
const merge = "application/merge-patch+json";
const texts = z.record(z.string(), z.string()).default({});
const stored = z.object({
  metadata: z.object({
    resourceVersion: z.string(),
    labels: texts,
    annotations: texts,
    managedFields: z.array(z.looseObject({ manager: z.string() })).default([]),
  }),
  type: z.string().optional(),
  immutable: z.boolean().optional(),
  data: texts,
  binaryData: texts,
});

/** A Secret or ConfigMap of its own in a running cluster. `data` is plain text; `extra` is merged into the object. */
export type ObjectWorld = StoreWorld & {
  readonly name: string;
  readonly path: string;
  readonly object: () => Promise<z.infer<typeof stored>>;
  /** A merge patch as somebody else. */
  readonly patch: (body: object) => Promise<void>;
  /** The text under one key of the object's data. */
  readonly text: (key: string) => Promise<string | undefined>;
  /** The same place with another login, or more in its entry. */
  readonly boundWith: (kubeconfig: string, more?: object) => BoundStore;
};

type Made = {
  readonly kind?: "Secret" | "ConfigMap";
  readonly data: Readonly<Record<string, string>>;
  readonly keys?: StoreWorld["keys"];
  readonly metadata?: object;
  readonly extra?: object;
};

/** Makes the namespace that all of these worlds lie in. */
export async function makeNamespace(cluster: Cluster): Promise<void> {
  await cluster.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
}

export async function objectWorld(cluster: Cluster, made: Made): Promise<ObjectWorld> {
  const { kind = "Secret", data, metadata = {}, extra = {} } = made;
  const keys = made.keys ?? { present: "PRESENT", absent: "ABSENT", neighbour: "NEIGHBOUR" };
  const isSecret = kind === "Secret";
  const name = `o-${randomBytes(5).toString("hex")}`;
  const path = `/api/v1/namespaces/${namespace}/${isSecret ? "secrets" : "configmaps"}`;
  const encode = (text: string): string => (isSecret ? Buffer.from(text).toString("base64") : text);
  const decode = (text: string): string => (isSecret ? Buffer.from(text, "base64").toString("utf8") : text);
  const encoded = Object.fromEntries(Object.entries(data).map(([key, text]) => [key, encode(text)]));
  await cluster.api("POST", path, { kind, apiVersion: "v1", metadata: { name, ...metadata }, data: encoded, ...extra });
  const object = async () => stored.parse(await cluster.api("GET", `${path}/${name}`));
  const text = async (key: string): Promise<string | undefined> => {
    const found = (await object()).data[key];
    return found === undefined ? undefined : decode(found);
  };
  const patch = async (body: object): Promise<void> => {
    await cluster.api("PATCH", `${path}/${name}?fieldManager=somebody`, body, merge);
  };
  const store: StoreKind = isSecret ? kubernetesSecret : kubernetesConfigmap;
  const boundAt = (where: string, kubeconfig: string, more: object = {}): BoundStore =>
    store.bind({ store: store.kind, at: `test/${where}`, connection: { kind: "kubernetes", kubeconfig }, ...more });
  return {
    name,
    path: `${path}/${name}`,
    bound: boundAt(`${namespace}/${name}`, cluster.kubeconfig),
    missing: boundAt(`${namespace}/nowhere`, cluster.kubeconfig),
    boundWith: (kubeconfig, more) => boundAt(`${namespace}/${name}`, kubeconfig, more),
    keys,
    object,
    text,
    patch,
    everything: async () => {
      const { metadata: meta, ...rest } = await object();
      return JSON.stringify([meta.labels, meta.annotations, rest]);
    },
    editNeighbour: async (value) => {
      const [dataKey = "", pointer] = keys.neighbour.split("#");
      if (pointer === undefined) return await patch({ data: { [dataKey]: encode(value) } });
      const field = pointer.split("/").at(-1) ?? "";
      const before = (await text(dataKey)) ?? "";
      const line = new RegExp(`("?${field}"?:\\s*"?)[^"\\s,}]*`);
      await patch({ data: { [dataKey]: encode(before.replace(line, `$1${value}`)) } });
    },
    close: async () => {
      await cluster.api("DELETE", `${path}/${name}`);
    },
  };
}
