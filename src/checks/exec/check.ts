import { share } from "../../connections/kubernetes/lists.ts";
import { workloadOf } from "../../connections/kubernetes/place.ts";
import { type ReadyPod, readyPods } from "../../connections/kubernetes/ready-pods.ts";
import { GiveUp, KeyturnError } from "../../core/errors.ts";
import type { CheckKind, CheckScope, Context } from "../../core/ports.ts";
import { lookAtEach } from "../kubernetes/each.ts";
import { baselineOf, type Looks, verdictOf } from "../looks.ts";
import { endOf } from "../program.ts";
import { Config } from "./config.ts";

/**
 * Runs a program inside of every ready pod of a workload, as the application itself, and compares its exit code, and its output
 * with a pattern. A program that cannot be run or does not end in time throws, and so does a workload without a ready pod.
 */
export function execCheck(): CheckKind {
  return {
    kind: "exec",
    connects: { kind: "kubernetes", at: ["at"] },
    config: Config,
    bind: (entry) => {
      const config = Config.parse(entry);
      return {
        shape: { label: labelOf(config), settleMs: config.settle },
        open: async (context) => {
          const { looks, close } = inPods(config, context);
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

function inPods(config: Config, context: Context) {
  const { at, argv, each, timeout: timeoutMs, connection } = config;
  if (connection === undefined) throw new GiveUp("kubernetes_config", `${at} names no connection of the catalog`);
  const shared = share(connection, context);
  const place = workloadOf(at);
  return {
    looks: async ({ expected }: CheckScope): Promise<Looks> => {
      context.signal.throwIfAborted();
      const cluster = await shared.cluster();
      const { ready, waiting } = await readyPods(cluster, place);
      return await lookAtEach({ ready: each ? ready : ready.slice(0, 1), waiting }, async (pod) => {
        const container = containerOf(config, pod);
        const ran = await cluster.exec(place.namespace, pod.name, container, argv, { timeoutMs });
        const end = endOf(ran, config, Object.values(expected?.values ?? {}));
        if (!ran.truncated || !end.failed.includes("match")) return end;
        throw new KeyturnError("exec_too_long", `the program in ${pod.name} wrote more than 64 KiB`, {
          hint: "what it must print has to stand before that",
        });
      });
    },
    close: shared.close,
  };
}

function containerOf({ container }: Config, { name, containers }: ReadyPod): string {
  const found = container === undefined ? containers[0] : containers.find((each) => each === container);
  if (found !== undefined) return found;
  throw new GiveUp("exec_no_container", `${name} has no container ${container ?? ""}`, {
    hint: `it has ${containers.join(", ")}`,
  });
}

/** People who approve see that a program runs inside of the application: what it may do there is what the application may. */
function labelOf({ name, at, argv, each }: Config): string {
  const words = argv.join(" ");
  const what = name ?? (words.length > 80 ? `${words.slice(0, 77)}...` : words);
  return `exec ${what} (runs inside of ${each ? "every ready pod" : "one ready pod"} of ${at}, by the right pods/exec)`;
}
