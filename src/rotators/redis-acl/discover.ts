import { z } from "zod";
import { GiveUp } from "../../core/errors.ts";
import { type Address, address } from "./address.ts";
import type { AdminSession } from "./admin-login.ts";
import type { Config } from "./config.ts";
import { fieldsOf } from "./replies.ts";

const Port = z.coerce.number().int().min(1);
const Place = z.tuple([z.string(), Port]);
const Role = z.union([
  z.tuple([z.literal("master"), z.unknown(), z.array(z.tuple([z.string(), Port], z.unknown()))]),
  z.tuple([z.literal("slave"), z.string(), Port], z.unknown()),
]);

/** The servers that this one knows: its master, its replicas, or its cluster. Nothing unless the target says discover. */
export async function neighboursOf(config: Config, session: AdminSession): Promise<readonly Address[]> {
  if (config.discover === "cluster") return clusterNodes(await session.call("CLUSTER", "NODES"));
  if (config.discover === undefined && config.sentinels === undefined) return [];
  return roleNeighbours(await session.call("ROLE"));
}

/** Master and replicas as the Sentinels know them, servers that are down included. */
export async function sentinelAddresses(
  config: Config,
  sentinels: readonly AdminSession[],
): Promise<readonly Address[]> {
  const master = config.sentinels?.master ?? "";
  const known = await Promise.all(
    sentinels.map(async (sentinel) => {
      const place = Place.nullable().parse(await sentinel.call("SENTINEL", "GET-MASTER-ADDR-BY-NAME", master));
      if (place === null)
        throw new GiveUp("sentinel_master", `the Sentinel ${sentinel.node} watches no master named ${master}`);
      const replicas = z.array(z.unknown()).parse(await sentinel.call("SENTINEL", "REPLICAS", master));
      return [address(place[0], place[1]), ...replicas.map(replicaAddress)];
    }),
  );
  return known.flat();
}

function replicaAddress(reply: unknown): Address {
  const fields = fieldsOf(reply);
  return address(z.string().parse(fields.get("ip")), Port.parse(fields.get("port")));
}

function roleNeighbours(reply: unknown): readonly Address[] {
  const role = Role.parse(reply);
  return role[0] === "master" ? role[2].map(([host, port]) => address(host, port)) : [address(role[1], role[2])];
}

/** Lines of "id ip:port@busport[,hostname] flags ..."; nodes without an address and strangers in a handshake are none yet. */
function clusterNodes(reply: unknown): readonly Address[] {
  const lines = z.string().parse(reply).split("\n");
  return lines.flatMap((line) => {
    const [, place = "", flags = ""] = line.split(" ");
    const match = /^(.+):(\d+)@/.exec(place);
    if (match?.[1] === undefined || /noaddr|handshake/.test(flags)) return [];
    return [address(match[1], Number(match[2]))];
  });
}
