import type { KubernetesConnection } from "../../connections/kubernetes/config.ts";
import { share } from "../../connections/kubernetes/lists.ts";
import { workloadOf } from "../../connections/kubernetes/place.ts";
import { readyPods } from "../../connections/kubernetes/ready-pods.ts";
import { GiveUp } from "../../core/errors.ts";
import type { Context } from "../../core/ports.ts";
import type { Answer, Question } from "../../process/ask.ts";

/** One port of one pod. */
export type Pod = { readonly namespace: string; readonly name: string; readonly port: number };

/** The pods of a cluster, for probes. Nothing is sent before the first of them is asked for. */
export type Pods = {
  /** The ready pods of connection/namespace/kind/name by name, and how many are not ready. Throws as `readyPods` does. */
  readonly ready: (workload: string) => Promise<{
    readonly namespace: string;
    readonly names: readonly string[];
    readonly waiting: number;
  }>;
  /**
   * Asks a pod over a forwarded port, where every header reaches it: the API server's proxy keeps `authorization` for itself. Throws
   * as `Cluster.forward` does.
   */
  readonly ask: (pod: Pod, question: Question) => Promise<Answer>;
  /** Never throws. */
  readonly close: () => Promise<void>;
};

/** Serves all adapters that name the same connection. */
export function podsOf(connection: KubernetesConnection | undefined, context: Context): Pods {
  if (connection === undefined) return { ready: unnamed, ask: unnamed, close: () => Promise.resolve() };
  const shared = share(connection, context);
  return {
    ready: async (workload) => {
      context.signal.throwIfAborted();
      const place = workloadOf(workload);
      const { ready, waiting } = await readyPods(await shared.cluster(), place);
      return { namespace: place.namespace, names: ready.map(({ name }) => name), waiting };
    },
    ask: async ({ namespace, name, port }, { url, method = "GET", headers = {}, body, timeoutMs }) => {
      const { pathname, search, protocol } = new URL(url);
      const cluster = await shared.cluster();
      const answer = await cluster.forward(
        namespace,
        name,
        { port, scheme: protocol === "https:" ? "https" : "http" },
        `${pathname}${search}`,
        {
          method: methods.find((each) => each === method) ?? "GET",
          headers,
          timeoutMs,
          ...(body === undefined ? {} : { body }),
        },
      );
      return { ...answer, headers: new Map([...answer.headers].map(([header, value]) => [header, [value]])) };
    },
    close: shared.close,
  };
}

const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] as const;

function unnamed(): Promise<never> {
  return Promise.reject(new GiveUp("kubernetes_config", "a probe of pods names no connection of the catalog"));
}
