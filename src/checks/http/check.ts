import { share } from "../../connections/kubernetes/lists.ts";
import { workloadOf } from "../../connections/kubernetes/place.ts";
import { readyPods } from "../../connections/kubernetes/ready-pods.ts";
import { GiveUp } from "../../core/errors.ts";
import type { CheckKind, CheckScope, Context } from "../../core/ports.ts";
import { ask } from "../../process/ask.ts";
import { lookAtEach } from "../kubernetes/each.ts";
import { baselineOf, type Looks, verdictOf } from "../looks.ts";
import { Config } from "./config.ts";
import { type Asked, look } from "./look.ts";
import { askPod, originOf } from "./pod.ts";

/**
 * Asks a URL, or every ready pod of a workload through the Kubernetes API, and compares status and JSON. Red is what was not
 * as expected and was as expected before; a part that was red at the baseline stays a warning. Nobody answering is no verdict:
 * it throws, and so does a workload without a ready pod.
 */
export function httpCheck(): CheckKind {
  return {
    kind: "http",
    connects: { kind: "kubernetes", at: ["pods"] },
    config: Config,
    bind: (entry) => {
      const config = Config.parse(entry);
      return {
        shape: { label: labelOf(config), settleMs: config.settle },
        open: async (context) => {
          const { looks, close } = config.url === undefined ? atPods(config, context) : atUrl(config, context);
          return {
            baseline: async (scope) => baselineOf(await looks(scope)),
            run: async (baseline, scope) => verdictOf(await looks(scope), baseline),
            close,
          };
        },
      };
    },
  };
}

type Opened = { readonly looks: (scope: CheckScope) => Promise<Looks>; readonly close: () => Promise<void> };

function atUrl(config: Config, { signal }: Context): Opened {
  const asked = askedAt(config, config.url ?? "", config.login?.url ?? "");
  return {
    looks: async (scope) => ({ looks: [await look(asked, scope, (question) => ask(question, signal))], blind: [] }),
    close: () => Promise.resolve(),
  };
}

/** One cluster serves all checks and consumers that name the same connection. */
function atPods(config: Config, context: Context): Opened {
  const { pods = "", port = 0, scheme = "http", path = "/", connection } = config;
  if (connection === undefined) throw new GiveUp("kubernetes_config", `${pods} names no connection of the catalog`);
  const shared = share(connection, context);
  return {
    looks: async (scope) => {
      context.signal.throwIfAborted();
      const cluster = await shared.cluster();
      const place = workloadOf(pods);
      return await lookAtEach(await readyPods(cluster, place), ({ name }) => {
        const pod = { namespace: place.namespace, pod: name, port, scheme };
        const asked = askedAt(config, `${originOf(pod)}${path}`, `${originOf(pod)}${config.login?.path ?? ""}`);
        return look(asked, scope, askPod(cluster, pod));
      });
    },
    close: shared.close,
  };
}

function askedAt({ login, ...config }: Config, url: string, loginUrl: string): Asked {
  return { ...config, url, ...(login === undefined ? {} : { login: { ...login, url: loginUrl } }) };
}

function labelOf({ url, pods, method, path = "/" }: Config): string {
  if (url === undefined) return `http ${method} ${path.split("?")[0] ?? ""} at every ready pod of ${pods ?? ""}`;
  const { origin, pathname } = new URL(url);
  return `http ${method} ${origin}${pathname}`;
}
