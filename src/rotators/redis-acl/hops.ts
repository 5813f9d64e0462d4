import type { Credential, Ref } from "../../core/credential.ts";
import { TryLater } from "../../core/errors.ts";
import { Secret } from "../../core/secret.ts";
import type { AdminSession } from "./admin-login.ts";
import { aclHash } from "./generation.ts";
import { settingOf } from "./replies.ts";
import type { Scope } from "./scope.ts";

/**
 * Makes replication and the Sentinels log in with this credential: masterauth on every node, the master included (it may
 * become a replica), then auth-pass on every Sentinel, which saves it itself. Neither drops the links that are up. The
 * credential must be valid on every node before.
 */
export async function switchHops(scope: Scope, nodes: readonly AdminSession[], credential: Credential): Promise<void> {
  const password = credential.secret["password"];
  if (!scope.config.replicationUser || password === undefined) return;
  const { principal } = credential.ref;
  for (const node of nodes) {
    const now = await readReplicationLogin(node);
    const changes = [
      ...(now.user === principal ? [] : [["masteruser", principal] as const]),
      ...(now.hash === aclHash(password) ? [] : [["masterauth", password.reveal()] as const]),
    ];
    // One command where the server can (7.0), so that no moment has the user of one and the password of the other.
    if (Number.parseInt(versionOf(node), 10) >= 7 && changes.length > 0)
      await node.change("CONFIG", "SET", ...changes.flat());
    else for (const [name, value] of changes) await node.change("CONFIG", "SET", name, value);
  }
  const named = principal === "default" ? [] : ["auth-user", principal];
  for (const sentinel of await scope.fleet.sentinels()) {
    const master = scope.config.sentinels?.master ?? "";
    await sentinel.change("SENTINEL", "SET", master, ...named, "auth-pass", password.reveal());
  }
}

/** Throws TryLater while a node would use this credential to replicate: without it the next broken link stays broken. */
export async function refuseWhileReplicating(scope: Scope, nodes: readonly AdminSession[], ref: Ref): Promise<void> {
  for (const node of nodes) {
    const login = await readReplicationLogin(node).catch(ignoreRights);
    if (login?.hash === undefined || login.user !== ref.principal) continue;
    if ((await scope.fingerprint(ref.principal, login.hash)) !== ref.generation) continue;
    throw new TryLater(
      "replication_uses_it",
      `${node.node} replicates, or would replicate, with the password of ${ref.principal} that is to go`,
      {
        hint: "CONFIG SET masterauth to the password that stays, there; enable of the other credential does it too",
      },
    );
  }
}

/** As whom a node logs in at its master. `hash`: of masterauth; undefined when none is set. */
export async function readReplicationLogin(
  node: AdminSession,
): Promise<{ readonly user: string; readonly hash: string | undefined }> {
  const settings = await node.call("CONFIG", "GET", "master*");
  const auth = new Secret(settingOf(settings, "masterauth"));
  const user = settingOf(settings, "masteruser");
  return { user: user === "" ? "default" : user, hash: auth.reveal() === "" ? undefined : aclHash(auth) };
}

/** "7.0.15", of Redis or of Valkey. */
export function versionOf(node: AdminSession): string {
  return node.info.get("valkey_version") ?? node.info.get("redis_version") ?? "0";
}

function ignoreRights(error: unknown): undefined {
  if (error instanceof Error && "code" in error && error.code === "admin_rights") return undefined;
  throw error;
}
