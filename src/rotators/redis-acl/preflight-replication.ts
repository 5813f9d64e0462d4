import type { Credential } from "../../core/credential.ts";
import type { Finding } from "../../core/ports.ts";
import type { AdminSession } from "./admin-login.ts";
import { readReplicationLogin } from "./hops.ts";
import { infoOf } from "./replies.ts";
import type { Scope } from "./scope.ts";

/** Whether replication is up, and whether it logs in with what the target says it does. */
export async function findReplicationTrouble(
  scope: Scope,
  node: AdminSession,
  current: Credential | undefined,
): Promise<readonly Finding[]> {
  const replication = infoOf(await node.call("INFO", "replication"));
  const login = await readReplicationLogin(node);
  const down = replication.get("role") === "slave" && replication.get("master_link_status") !== "up";
  return [
    ...(down ? [linkDown(node)] : []),
    ...(login.hash === undefined ? [] : await loginTrouble(scope, node, login.user, login.hash, current)),
  ];
}

function linkDown(node: AdminSession): Finding {
  return {
    severity: "error",
    code: "replica_link_down",
    sentence: `${node.node} is a replica without a link to its master`,
    hint: "INFO replication and the server's log say why; a broken link must not hide behind a rotation",
  };
}

async function loginTrouble(
  { config, principals, fingerprint }: Scope,
  node: AdminSession,
  user: string,
  hash: string,
  current: Credential | undefined,
): Promise<readonly Finding[]> {
  const isTarget = principals.includes(user);
  if (isTarget && !config.replicationUser) {
    return [
      {
        severity: "error",
        code: "replicates_as_user",
        sentence: `${node.node} logs in at its master as ${user}, whose password would change under it`,
        hint: "write replicationUser: true, or give replication a user of its own (masteruser, masterauth)",
      },
    ];
  }
  if (!config.replicationUser) return [];
  if (!isTarget) {
    return [
      {
        severity: "error",
        code: "replicates_as_other",
        sentence: `${node.node} logs in at its master as ${user}, and the target says replicationUser`,
        hint: "replication has a user of its own: leave replicationUser out",
      },
    ];
  }
  if (
    current === undefined ||
    (user === current.ref.principal && (await fingerprint(user, hash)) === current.ref.generation)
  )
    return [];
  return [
    {
      severity: "warning",
      code: "masterauth_differs",
      sentence: `masterauth of ${node.node} is not the password that the stores hold`,
      hint: "the rotation sets it to the new one",
    },
  ];
}
