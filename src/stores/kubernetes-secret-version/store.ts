import { openCluster } from "../../connections/kubernetes/cluster.ts";
import { KubernetesConnection } from "../../connections/kubernetes/config.ts";
import { placeOf } from "../../connections/kubernetes/place.ts";
import { versionStoreLabel } from "../../connections/kubernetes/versions.ts";
import type { Context, Store, StoreKind } from "../../core/ports.ts";
import { Secret } from "../../core/secret.ts";
import { dropOlderClaim } from "../kubernetes/claim.ts";
import { textOf } from "../kubernetes/content.ts";
import { keyOf } from "../kubernetes/keys.ts";
import { secretForm } from "../kubernetes/secret-form.ts";
import { Config } from "./config.ts";
import { type Family, secretAt } from "./family.ts";
import { inUse } from "./in-use.ts";
import { preflight } from "./preflight.ts";
import { prune } from "./prune.ts";
import { fixedNames, publishFixed } from "./publish-fixed.ts";
import { publishNew } from "./publish-new.ts";

const WithConnection = Config.extend({ connection: KubernetesConnection });
type WithConnection = ReturnType<(typeof WithConnection)["parse"]>;

/** A Secret of which each publish makes another version, at which consumers are then pointed. See README.md. */
export const kubernetesSecretVersion: StoreKind = {
  kind: "kubernetes-secret-version",
  connects: { kind: "kubernetes", at: ["at"] },
  config: Config,
  bind: (entry) => {
    const config = WithConnection.parse(entry);
    const { connection, namespace, name } = placeOf(config.at);
    return {
      shape: {
        readable: true,
        cas: "native",
        live: false,
        locks: [`kubernetes-secret-version:${config.at}`],
        label: versionStoreLabel(connection, namespace, name),
      },
      open: (context) => open(config, context),
    };
  },
};

async function open(config: WithConnection, context: Context): Promise<Store> {
  const { session } = context;
  const cluster = await openCluster(config.connection, context);
  const { namespace, name } = placeOf(config.at);
  const family: Family = { cluster, namespace, name, rotationId: session.rotationId };
  const isFixed = config.names === "fixed";
  const immutable = config.immutable ?? !isFixed;
  return {
    fence: async () => {
      // A version that is made late has a name of its own, and nobody is pointed at it.
      for (const fixed of isFixed ? fixedNames(family) : []) {
        await dropOlderClaim(cluster, { ...secretAt(family), name: fixed }, session);
      }
      return "fenced";
    },
    preflight: (keys) => preflight(family, keys, { isFixed, immutable }),
    read: async (keys) => {
      const object = await inUse(family);
      const values = keys.map((key): [string, Secret | undefined] => {
        const text = textOf(secretForm, object, keyOf(key));
        return [key, text === undefined ? undefined : new Secret(text)];
      });
      const { name: place, resourceVersion } = object.metadata;
      return { version: resourceVersion, values: Object.fromEntries(values), place };
    },
    publish: async (patch, expect) => {
      const wanted = Object.fromEntries(Object.entries(patch).map(([key, value]) => [key, value?.reveal()]));
      return isFixed
        ? await publishFixed(family, wanted, expect, session)
        : await publishNew(family, wanted, expect, immutable);
    },
    ...(isFixed ? {} : { prune: () => prune(family) }),
    close: () => cluster.close(),
  };
}
