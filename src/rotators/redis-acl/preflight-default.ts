import type { Finding } from "../../core/ports.ts";
import { Secret } from "../../core/secret.ts";
import { readUser } from "./acl-user.ts";
import type { AdminSession } from "./admin-login.ts";
import { isOurs, readClients } from "./client-list.ts";
import { aclHash } from "./generation.ts";
import { settingOf } from "./replies.ts";
import type { Scope } from "./scope.ts";

/**
 * The user `default` is what every client becomes that sends no name. Without a password the server is open, whatever
 * the other users have; `requirepass` does not change that where an ACL file has no line for it.
 */
export async function findDefaultTrouble(scope: Scope, node: AdminSession): Promise<readonly Finding[]> {
  const user = await readUser(node, "default");
  const requirepass = new Secret(settingOf(await node.call("CONFIG", "GET", "requirepass"), "requirepass"));
  const isSet = requirepass.reveal() !== "";
  const isTarget = scope.principals.includes("default");
  if (user === undefined) return [];
  if (user.on && user.nopass && !isTarget) return [await open(scope, node, isSet)];
  if (isSet && !user.hashes.includes(aclHash(requirepass))) {
    return [
      {
        severity: "warning",
        code: "requirepass_stale",
        sentence: `${node.node} keeps a former password of default in plain text as requirepass, and CONFIG REWRITE writes it to redis.conf`,
        hint: "it is refused; delete the line in redis.conf before the next restart. Never CONFIG SET requirepass: it cuts everybody, and an empty one opens the server",
      },
    ];
  }
  if (!isSet || !isTarget) return [];
  return [
    {
      severity: "info",
      code: "requirepass_on_disk",
      sentence: `redis.conf of ${node.node} keeps the present password as requirepass in plain text; once it is revoked it stays there, dead`,
      hint: "delete the line in redis.conf before the next restart; the user line below it counts",
    },
  ];
}

async function open(scope: Scope, node: AdminSession, requirepassIsSet: boolean): Promise<Finding> {
  const nameless = (await readClients(node)).filter(
    (client) => client.user === "default" && !isOurs(scope, client),
  ).length;
  const why = requirepassIsSet ? ": requirepass is set, but its ACL file has no line for default" : "";
  return {
    severity: "error",
    code: "default_open",
    sentence: `${node.node} lets everybody in without a password as the user default${why}`,
    hint: `the command refuses clients that send no user name (${String(nameless)} connected now); keyturn adopt prints the way that refuses nobody`,
    command: "ACL SETUSER default off",
  };
}
