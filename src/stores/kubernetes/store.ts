import { type Cluster, openCluster } from "../../connections/kubernetes/cluster.ts";
import type { KubernetesConnection } from "../../connections/kubernetes/config.ts";
import type { Place } from "../../connections/kubernetes/place.ts";
import { GiveUp, LostRace } from "../../core/errors.ts";
import type { Context, Session, Store } from "../../core/ports.ts";
import { Secret } from "../../core/secret.ts";
import { claim, dropOlderClaim, writeClaimed } from "./claim.ts";
import { changesFor, textOf } from "./content.ts";
import { type At, type Form, type Kept, Stored } from "./form.ts";
import { keyOf, unfitKeys } from "./keys.ts";
import { preflight } from "./preflight.ts";

/** One Secret or ConfigMap as a store: all keys of a publish in one merge patch, on the version that was read. See README.md. */
export async function openObject(
  kept: Kept,
  place: Place,
  connection: KubernetesConnection,
  context: Context,
): Promise<Store> {
  const { form } = kept;
  const cluster = await openCluster(connection, context);
  const of: At = { api: "v1", resource: form.resource, namespace: place.namespace, name: place.name };
  return {
    fence: async () => {
      await dropOlderClaim(cluster, of, context.session);
      return "fenced";
    },
    preflight: (keys) => preflight(kept, cluster, of, keys),
    read: async (keys) => {
      const object = await existing(cluster, of, form);
      const values = keys.map((name): [string, Secret | undefined] => {
        const text = textOf(form, object, keyOf(name));
        return [name, text === undefined ? undefined : new Secret(text)];
      });
      return { version: object.metadata.resourceVersion, values: Object.fromEntries(values) };
    },
    publish: async (patch, expect) => {
      const wanted = Object.fromEntries(Object.entries(patch).map(([name, value]) => [name, value?.reveal()]));
      return { version: await write(form, cluster, of, wanted, expect, context.session) };
    },
    close: () => cluster.close(),
  };
}

async function write(
  form: Form,
  cluster: Cluster,
  of: At,
  wanted: Readonly<Record<string, string | undefined>>,
  expect: string,
  session: Session,
): Promise<string> {
  const [unfit] = unfitKeys(Object.keys(wanted));
  if (unfit !== undefined) throw new GiveUp(unfit.code, unfit.sentence, { hint: unfit.hint });
  const object = await existing(cluster, of, form);
  const { resourceVersion } = object.metadata;
  const data = changesFor(form, object, wanted);
  if (Object.keys(data).length === 0) return resourceVersion;
  if (resourceVersion !== expect) {
    throw new LostRace(`${form.kind} ${of.namespace}/${of.name} is at version ${resourceVersion}, not ${expect}`);
  }
  return await writeClaimed(cluster, of, await claim(cluster, of, session, expect), data);
}

async function existing(cluster: Cluster, of: At, form: Form): Promise<Stored> {
  const object = await cluster.find(of, Stored);
  if (object !== undefined) return object;
  throw new GiveUp("store_missing", `there is no ${form.kind} ${of.namespace}/${of.name}`, {
    hint: "create it with the keys that applications read; Keyturn changes objects and makes none here",
  });
}
