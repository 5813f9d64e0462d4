import type { Credential, Ref } from "../../core/credential.ts";
import { GiveUp } from "../../core/errors.ts";
import { readUser } from "./acl-user.ts";
import type { AdminSession } from "./admin-login.ts";
import { aclHash } from "./generation.ts";
import { refuseWhileReplicating, switchHops } from "./hops.ts";
import { addPassword } from "./issue.ts";
import { persist } from "./persist.ts";
import { readableError, replyOf } from "./reply-error.ts";
import { hashOf, type Scope } from "./scope.ts";

/**
 * Refuses new logins with it: takes the hash away, or switches the user off where two take turns. It is saved at once: after
 * a restart of the server in the middle of the watch the old one is still refused, so that the watch means something.
 */
export async function disable(scope: Scope, ref: Ref): Promise<void> {
  await retire(scope, ref, async (node, hash) => {
    if (!scope.alternating) await removePassword(scope, node, ref.principal, hash);
    else if ((await readUser(node, ref.principal))?.on === true)
      await node.change("ACL", "SETUSER", ref.principal, "off");
  });
}

/** Ends it: the hash is gone from every node, and where two users take turns the old one is off and empty. */
export async function revoke(scope: Scope, ref: Ref): Promise<void> {
  await retire(scope, ref, async (node, hash) => {
    const alone = scope.alternating && (await readUser(node, ref.principal))?.hashes.length === 1;
    if (alone) await node.change("ACL", "SETUSER", ref.principal, "off", "resetpass");
    else await removePassword(scope, node, ref.principal, hash);
  });
}

/**
 * Takes `disable` back on every node, replication and Sentinels first on their way back too, and saves. Throws
 * GiveUp("other_generation") when the ref is not this password's, or when the user belongs to another one by now.
 */
export async function enable(scope: Scope, credential: Credential): Promise<void> {
  const { principal, generation } = credential.ref;
  const password = credential.secret["password"];
  const hash = password === undefined ? "" : aclHash(password);
  if ((await scope.fingerprint(principal, hash)) !== generation) {
    throw new GiveUp("other_generation", `the password of ${principal} is not the one that the rotation names`);
  }
  const nodes = await scope.fleet.nodes();
  for (const node of nodes) await (scope.alternating ? switchOn : addPassword)(node, principal, hash);
  await switchHops(scope, nodes, credential);
  await persist(scope, nodes, { settings: scope.config.replicationUser });
}

async function switchOn(node: AdminSession, name: string, hash: string): Promise<void> {
  const user = await readUser(node, name);
  if (user === undefined || (user.hashes.length > 0 && !user.hashes.includes(hash))) {
    throw new GiveUp("other_generation", `${name} at ${node.node} has another password by now`);
  }
  if (user.hashes.length === 0) await node.change("ACL", "SETUSER", name, `#${hash}`, "on");
  else if (!user.on) await node.change("ACL", "SETUSER", name, "on");
}

async function retire(scope: Scope, ref: Ref, act: (node: AdminSession, hash: string) => Promise<void>): Promise<void> {
  const nodes = await scope.fleet.nodes();
  await refuseWhileReplicating(scope, nodes, ref);
  for (const node of nodes) {
    const hash = await hashOf(scope, ref, await readUser(node, ref.principal));
    if (hash !== undefined) await act(node, hash);
  }
  await persist(scope, nodes);
}

/** One that is gone already is removed: between the look and the command somebody else may have done it. */
async function removePassword(scope: Scope, node: AdminSession, name: string, hash: string): Promise<void> {
  scope.context.session.guard();
  await node.raw("ACL", "SETUSER", name, `!${hash}`).catch((error: unknown) => {
    if (replyOf(error)?.includes("does not exist") !== true) throw readableError(error, node.node, "ACL SETUSER");
  });
}
