import type { z } from "zod";
import type { Context } from "../../core/ports.ts";
import { type Cluster, openCluster } from "./cluster.ts";
import type { KubernetesConnection } from "./config.ts";
import { pathOf, type Resource } from "./resource.ts";

/**
 * One cluster for all adapters that were opened with the same context and connection. It is opened at the first use, and
 * closed when the last of them has closed it.
 */
export type Shared = {
  readonly cluster: () => Promise<Cluster>;
  /** Lists of this namespace are asked anew from now on: something in it was changed. */
  readonly changed: (namespace: string) => void;
  /** Never throws. */
  readonly close: () => Promise<void>;
};

/** How long an answer is good for other adapters that look at the same moment; less than the pause between two looks. */
const lifeMs = 400;

type Opened = { users: number; cluster: Promise<Cluster> | undefined; readonly tokens: Map<string, object> };
const perContext = new WeakMap<Context, Map<string, Opened>>();
const tokensOf = new WeakMap<Shared, Map<string, object>>();

/** Sends nothing and cannot fail. */
export function share(connection: KubernetesConnection, context: Context): Shared {
  const all = perContext.get(context) ?? new Map<string, Opened>();
  perContext.set(context, all);
  const key = JSON.stringify(connection);
  const opened = all.get(key) ?? { users: 0, cluster: undefined, tokens: new Map<string, object>() };
  all.set(key, opened);
  opened.users += 1;
  let closed = false;
  const shared: Shared = {
    cluster: () => {
      opened.cluster ??= openCluster(connection, context).catch((error: unknown) => {
        opened.cluster = undefined;
        throw error;
      });
      return opened.cluster;
    },
    changed: (namespace) => {
      opened.tokens.delete(namespace);
    },
    close: async () => {
      if (closed) return;
      closed = true;
      opened.users -= 1;
      if (opened.users > 0) return;
      all.delete(key);
      await opened.cluster?.then(
        (cluster) => cluster.close(),
        () => undefined,
      );
    },
  };
  tokensOf.set(shared, opened.tokens);
  return shared;
}

/**
 * A list of one kind of item, asked once for all who ask within a moment: hundreds of workloads of one namespace are looked at
 * with one list of its pods. An answer is at most 0.4 s old; a failure is kept for nobody. Errors are those of `Cluster.list`.
 */
export function sharedList<T>(schema: z.ZodType<T>): (shared: Shared, of: Resource) => Promise<readonly T[]> {
  const kept = new WeakMap<object, Map<string, Promise<readonly T[]>>>();
  return async (shared, of) => {
    const token = tokenOf(shared, of.namespace ?? "");
    const lists = kept.get(token) ?? new Map<string, Promise<readonly T[]>>();
    kept.set(token, lists);
    const path = pathOf(of);
    const known = lists.get(path);
    if (known !== undefined) return await known;
    const asked = shared.cluster().then((cluster) => cluster.list(of, schema));
    lists.set(path, asked);
    asked.then(
      () => expire(shared, of.namespace ?? "", token),
      () => lists.delete(path),
    );
    return await asked;
  };
}

/** All lists of a namespace end together: none is ever looked at beside one that was asked earlier but counts as later. */
function expire(shared: Shared, namespace: string, token: object): void {
  if (ending.has(token)) return;
  ending.add(token);
  setTimeout(() => {
    if (tokensOf.get(shared)?.get(namespace) === token) tokensOf.get(shared)?.delete(namespace);
  }, lifeMs).unref();
}
const ending = new WeakSet<object>();

function tokenOf(shared: Shared, namespace: string): object {
  const tokens = tokensOf.get(shared) ?? new Map<string, object>();
  const token = tokens.get(namespace) ?? {};
  tokens.set(namespace, token);
  return token;
}
