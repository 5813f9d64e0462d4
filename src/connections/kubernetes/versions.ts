import { GiveUp } from "../../core/errors.ts";
import type { Cluster } from "./cluster.ts";
import { Named } from "./objects.ts";

/** Which Secret an object is a version of. Where Keyturn writes and deletes versions, it is only what bears this. */
export const versionLabel = "keyturn.dev/secret";

/**
 * Whether an object is called as a version of a Secret that is published by making a new one each time: the Secret itself as it was
 * before the first such publish, `<name>-<rotationId>-<n>`, or one of two fixed names, `<name>-a` and `<name>-b`. People call
 * their own so too: `strangersAmong` tells them. Pure.
 */
export function isVersionOf(name: string, object: string): boolean {
  if (object === name) return true;
  return object.startsWith(`${name}-`) && /^(?:r-?[0-9a-z]+-\d+|a|b)$/.test(object.slice(name.length + 1));
}

/** The label of a store whose publishes make a new Secret each, and the place in it. */
export function versionStoreLabel(connection: string, namespace: string, name: string): string {
  return `kubernetes-secret-version ${connection}/${namespace}/${name}`;
}

const kept = new WeakMap<Cluster, Map<string, Promise<boolean>>>();

/**
 * Of names of Secrets those that are called as versions of `name` are, and are somebody else's: they are there without our label,
 * or may not be read, which versions may. One that is gone is taken for what it is called. One request for each that is called
 * so, asked once for a cluster that was opened. Errors are those of `Cluster.find`.
 */
export async function strangersAmong(
  cluster: Cluster,
  namespace: string,
  name: string,
  names: readonly string[],
): Promise<ReadonlySet<string>> {
  const known = kept.get(cluster) ?? new Map<string, Promise<boolean>>();
  kept.set(cluster, known);
  const strangers = new Set<string>();
  for (const each of new Set(names)) {
    if (each === name || !isVersionOf(name, each)) continue;
    const key = `${namespace}/${name}/${each}`;
    const asked = known.get(key) ?? isStranger(cluster, namespace, name, each);
    known.set(key, asked);
    asked.catch(() => known.delete(key));
    if (await asked) strangers.add(each);
  }
  return strangers;
}

async function isStranger(cluster: Cluster, namespace: string, name: string, object: string): Promise<boolean> {
  try {
    const found = await cluster.find({ api: "v1", resource: "secrets", namespace, name: object }, Named);
    return found !== undefined && found.metadata.labels[versionLabel] !== name;
  } catch (error) {
    if (error instanceof GiveUp && error.code === "kubernetes_forbidden") return true;
    throw error;
  }
}
