import type { Finding } from "../../core/ports.ts";
import type { AdminSession } from "./admin-login.ts";
import { infoOf } from "./replies.ts";
import type { Scope } from "./scope.ts";

/** Whether this node sees its whole cluster. */
export async function findClusterTrouble({ config }: Scope, node: AdminSession): Promise<readonly Finding[]> {
  if (config.discover !== "cluster") return [];
  const state = infoOf(await node.call("CLUSTER", "INFO")).get("cluster_state") ?? "unknown";
  if (state === "ok") return [];
  return [
    {
      severity: "error",
      code: "cluster_state",
      sentence: `${node.node} says that the state of its cluster is ${state}`,
    },
  ];
}
