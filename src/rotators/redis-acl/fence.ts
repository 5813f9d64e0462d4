import { TryLater } from "../../core/errors.ts";
import type { AdminSession } from "./admin-login.ts";
import { type Client, readClients } from "./client-list.ts";
import type { Scope } from "./scope.ts";

/**
 * Ends every connection of an older epoch of this rotation, at every node and Sentinel, and looks that they are gone.
 * CLIENT KILL also drops what such a connection has sent and the server has not read yet.
 */
export async function fence(scope: Scope): Promise<"fenced"> {
  const servers = [...(await scope.fleet.nodes()), ...(await scope.fleet.sentinels())];
  for (const server of servers) {
    for (const { id, addr } of await older(scope, server))
      await server.change("CLIENT", "KILL", "ID", id, "ADDR", addr);
    const left = await older(scope, server);
    if (left.length > 0)
      throw new TryLater("not_fenced", `an older session of this rotation is still open at ${server.node}`);
  }
  return "fenced";
}

async function older(scope: Scope, server: AdminSession): Promise<readonly Client[]> {
  const { rotationId, epoch } = scope.context.session;
  return (await readClients(server)).filter(({ name }) => {
    const [ours, rotation, theirEpoch] = name.split(":");
    return ours === "keyturn" && rotation === rotationId && Number(theirEpoch) < epoch;
  });
}
