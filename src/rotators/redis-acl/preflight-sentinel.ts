import type { Finding } from "../../core/ports.ts";
import type { AdminSession } from "./admin-login.ts";
import { readClients } from "./client-list.ts";
import { fieldsOf } from "./replies.ts";
import type { Scope } from "./scope.ts";

/** Whether the Sentinels are well, all known to us, and log in with what the target says they do. */
export async function findSentinelTrouble(scope: Scope, nodes: readonly AdminSession[]): Promise<readonly Finding[]> {
  const { sentinels, replicationUser } = scope.config;
  const users = await usersOfSentinels(nodes);
  const asTarget = users.filter((user) => scope.principals.includes(user));
  const ours = sentinels !== undefined && replicationUser;
  const found: Finding[] = [];
  if (asTarget.length > 0 && !ours) {
    found.push({
      severity: "error",
      code: "sentinel_as_user",
      sentence: `Sentinels log in as ${asTarget.join(", ")}, whose password would change under them`,
      hint: "name them (sentinels) and write replicationUser: true, or give them a user of their own (auth-user, auth-pass)",
    });
  }
  if (users.length > asTarget.length && ours) {
    found.push({
      severity: "error",
      code: "sentinel_as_other",
      sentence: "Sentinels log in as another user than the one that replicates, and would be given its password",
      hint: "give Sentinels and replication one user, or leave replicationUser out",
    });
  }
  if (sentinels === undefined) return found;
  // Those that cannot be reached are named already.
  const reached = await scope.fleet.sentinels().catch(() => []);
  for (const sentinel of reached) found.push(...(await findTrouble(sentinel, sentinels, replicationUser)));
  return found;
}

async function findTrouble(
  sentinel: AdminSession,
  { master, urls }: { readonly master: string; readonly urls: readonly string[] },
  replicationUser: boolean,
): Promise<readonly Finding[]> {
  const state = fieldsOf(await sentinel.call("SENTINEL", "MASTER", master));
  const flags = String(state.get("flags"));
  const known = Number(state.get("num-other-sentinels")) + 1;
  const found: Finding[] = [];
  if (flags !== "master") {
    found.push({
      // Each SENTINEL SET makes a Sentinel connect anew, so that alone may pass by itself.
      severity: flags === "master,disconnected" ? "warning" : "error",
      code: "sentinel_flags",
      sentence: `the Sentinel ${sentinel.node} does not see ${master} as a healthy master: ${flags}`,
    });
  }
  if (replicationUser && known > urls.length) {
    found.push({
      severity: "error",
      code: "sentinel_unlisted",
      sentence: `the Sentinel ${sentinel.node} knows ${String(known)} Sentinels, the target lists ${String(urls.length)}`,
      hint: "the others would keep the old password and report the master as down; SENTINEL SENTINELS prints them",
    });
  }
  return found;
}

/** Sentinels name their connections sentinel-<id>-cmd and -pubsub. */
async function usersOfSentinels(nodes: readonly AdminSession[]): Promise<readonly string[]> {
  const clients = (await Promise.all(nodes.map(readClients))).flat();
  return [...new Set(clients.filter(({ name }) => /^sentinel-[0-9a-f]+-/.test(name)).map(({ user }) => user))];
}
