import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { Api } from "./api.ts";

const patienceMs = 20_000;

const object = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string().optional(),
    generateName: z.string().optional(),
    namespace: z.string().optional(),
  }),
});
type KubernetesObject = z.infer<typeof object>;

const resources = z.object({
  resources: z.array(z.object({ name: z.string(), kind: z.string(), namespaced: z.boolean() })),
});
type Resource = z.infer<typeof resources>["resources"][number];

/**
 * Server-side apply as field manager `test`, one object after the other; an object with only a `generateName` is
 * created. Kinds come from the server's discovery, so custom ones work too: one whose definition was applied just
 * before is waited for. After a Namespace it waits for its default service account, without which pods are refused.
 */
export function applier(api: Api): (...objects: readonly object[]) => Promise<void> {
  const known = new Map<string, Resource>();
  return async (...objects) => {
    for (const raw of objects) {
      const one = object.parse(raw);
      await applyOne(api, one, await resourceOf(api, one, known));
    }
  };
}

async function applyOne(api: Api, one: KubernetesObject, resource: Resource): Promise<void> {
  const { name, namespace = "default" } = one.metadata;
  const scope = resource.namespaced ? `/namespaces/${namespace}` : "";
  const collection = `${groupPath(one)}${scope}/${resource.name}`;
  if (name === undefined) {
    await api.call("POST", `${collection}?fieldManager=test`, one);
    return;
  }
  await api.call("PATCH", `${collection}/${name}?fieldManager=test&force=true`, one, "application/apply-patch+yaml");
  if (one.kind === "Namespace") await until(() => api.find(`/api/v1/namespaces/${name}/serviceaccounts/default`));
}

async function resourceOf(api: Api, one: KubernetesObject, known: Map<string, Resource>): Promise<Resource> {
  const key = `${one.apiVersion} ${one.kind}`;
  return await until(async () => {
    if (!known.has(key)) {
      const list = await api.find(groupPath(one));
      for (const resource of list === undefined ? [] : resources.parse(list).resources) {
        if (!resource.name.includes("/")) known.set(`${one.apiVersion} ${resource.kind}`, resource);
      }
    }
    return known.get(key);
  }, `the API server does not know ${key}`);
}

function groupPath(one: KubernetesObject): string {
  return one.apiVersion.includes("/") ? `/apis/${one.apiVersion}` : `/api/${one.apiVersion}`;
}

async function until<T>(look: () => Promise<T | undefined>, otherwise = "waited in vain"): Promise<T> {
  for (const giveUpAt = Date.now() + patienceMs; ; await sleep(20)) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > giveUpAt) throw new Error(`${otherwise} (for ${patienceMs} ms)`);
  }
}
