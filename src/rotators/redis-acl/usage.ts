import { type Ref, sameRef } from "../../core/credential.ts";
import type { Use } from "../../core/ports.ts";
import { readUser } from "./acl-user.ts";
import { ipOf } from "./address.ts";
import type { AdminSession } from "./admin-login.ts";
import { type Client, isOurs, readClients } from "./client-list.ts";
import { isoOf, readClock } from "./clock.ts";
import { hashOf, type Scope } from "./scope.ts";

type Other = { readonly ref: Ref; readonly since: string } | undefined;

/**
 * Who is logged in with it. Where two users take turns every session of the user is. On one user Redis does not tell
 * which password a session used: one that is older than the other credential (`other.since`) cannot have used that one, a
 * younger one is not reported; without `other` every session may have used it. Keyturn's sessions do not count, nor do
 * replication links where `replicationUser` looks after them.
 */
export async function usage(scope: Scope, ref: Ref, other: Other): Promise<readonly Use[]> {
  const nodes = await scope.fleet.nodes();
  return (await Promise.all(nodes.map((node) => usageAt(scope, node, ref, other)))).flat();
}

/** Ends one session if it is still the one that was reported. The server compares id, address and user itself. */
export async function closeSession(scope: Scope, id: string): Promise<void> {
  const [name, client, addr, user] = id.split(" ");
  const node = (await scope.fleet.nodes()).find((each) => each.node === name);
  if (node === undefined || client === undefined || addr === undefined || user === undefined) return;
  if (!scope.principals.includes(user)) return;
  await node.change("CLIENT", "KILL", "ID", client, "ADDR", addr, "USER", user);
}

async function usageAt(scope: Scope, node: AdminSession, ref: Ref, other: Other): Promise<readonly Use[]> {
  const [before, clients, after] = await Promise.all([readClock(node), readClients(node), readClock(node)]);
  const theirs = clients.filter(
    (client) => client.user === ref.principal && !isOurs(scope, client) && !isLink(scope, client),
  );
  const alone = scope.alternating || (theirs.length > 0 && (await onlyThese(scope, node, ref, other)));
  return theirs.flatMap((client) => {
    // Ages are whole seconds: the session began in the second from here on. When the second turned while we looked, the
    // earlier one counts, so that an old session is never taken for a young one.
    const begunMs = (Math.floor(Math.min(before, after) / 1000) - client.ageS) * 1000;
    const certainty = certaintyOf(scope, begunMs, other, alone);
    if (certainty === undefined) return [];
    const { addr, name, id } = client;
    return [
      {
        id: `${node.node} ${id} ${addr} ${ref.principal}`,
        address: ipOf(addr),
        client: name,
        since: isoOf(begunMs),
        certainty,
      },
    ];
  });
}

/** Two seconds: one for the age, one for the second in which the session began. */
const granularityMs = 2000;

function certaintyOf(scope: Scope, begunMs: number, other: Other, alone: boolean): Use["certainty"] | undefined {
  if (scope.alternating) return "certain";
  if (other === undefined) return "possible";
  const sinceMs = Date.parse(other.since);
  if (begunMs > sinceMs) return undefined;
  return alone && begunMs + granularityMs < sinceMs ? "certain" : "possible";
}

/** Whether the user has no third password that an old session might have used. */
async function onlyThese(scope: Scope, node: AdminSession, ref: Ref, other: Other): Promise<boolean> {
  if (other === undefined || sameRef(ref, other.ref)) return false;
  const user = await readUser(node, ref.principal);
  const known = [await hashOf(scope, ref, user), await hashOf(scope, other.ref, user)];
  return user !== undefined && !user.nopass && user.hashes.every((hash) => known.includes(hash));
}

/** S: a replica's link, M: the link to our master. */
function isLink(scope: Scope, client: Client): boolean {
  return scope.config.replicationUser && /[SM]/.test(client.flags);
}
