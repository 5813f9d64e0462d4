import type { Cluster } from "../../connections/kubernetes/cluster.ts";
import type { Expected } from "../../core/ports.ts";

/**
 * The API server's clock, ms since 1970, cut to the second: how far it is ahead of one that stands at the publish. One
 * request.
 */
export async function serverTime(cluster: Cluster, { since }: Pick<Expected, "since">): Promise<number> {
  const sinceMs = Date.parse(since);
  return sinceMs + (await cluster.clockSkewMs(() => sinceMs));
}
