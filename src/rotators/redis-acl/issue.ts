import type { Credential } from "../../core/credential.ts";
import { GiveUp } from "../../core/errors.ts";
import { isVacant, readUser } from "./acl-user.ts";
import type { AdminSession } from "./admin-login.ts";
import { aclHash } from "./generation.ts";
import { switchHops } from "./hops.ts";
import { persist } from "./persist.ts";
import type { Scope } from "./scope.ts";

/**
 * Makes the credential valid on every node, then for replication and Sentinels where they log in with it, then saves. Only
 * the hash of the password is sent, except to the settings that need the password itself. Nothing is taken away.
 */
export async function issue(scope: Scope, proposed: Credential | undefined): Promise<Credential> {
  const password = proposed?.secret["password"];
  if (proposed === undefined || password === undefined)
    throw new GiveUp("no_proposal", "there is no new password to issue");
  const nodes = await scope.fleet.nodes();
  const put = scope.alternating ? giveVacantUser : addPassword;
  for (const node of nodes) await put(node, proposed.ref.principal, aclHash(password));
  await switchHops(scope, nodes, proposed);
  await persist(scope, nodes, { settings: scope.config.replicationUser });
  return proposed;
}

/** Adds a password to a user that exists and has some, or none; SETUSER would make a missing user, without any right. */
export async function addPassword(node: AdminSession, name: string, hash: string): Promise<void> {
  const user = await readUser(node, name);
  if (user === undefined) throw missing(node, name);
  if (user.nopass) {
    throw new GiveUp(
      "user_nopass",
      `${name} needs no password at ${node.node}; the first one would refuse everybody who sends none`,
      {
        hint: "keyturn adopt prints the steps that give it a password without refusing anybody",
      },
    );
  }
  if (!user.hashes.includes(hash)) await node.change("ACL", "SETUSER", name, `#${hash}`);
}

async function giveVacantUser(node: AdminSession, name: string, hash: string): Promise<void> {
  const user = await readUser(node, name);
  if (user === undefined) throw missing(node, name);
  if (user.on && user.hashes.length === 1 && user.hashes[0] === hash) return;
  if (!isVacant(user)) {
    throw new GiveUp(
      "user_not_vacant",
      `${name} can log in at ${node.node} with a password that this rotation did not make`,
      {
        hint: `find out who uses it; once nobody does: ACL SETUSER ${name} off`,
      },
    );
  }
  await node.change("ACL", "SETUSER", name, "resetpass", `#${hash}`, "on");
}

function missing(node: AdminSession, name: string): GiveUp {
  return new GiveUp("user_missing", `${node.node} has no user ${name}`, {
    hint: "users are not replicated; copy the user's line of ACL LIST from another node",
  });
}
