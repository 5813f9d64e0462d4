import type { Credential } from "../../core/credential.ts";
import type { Finding } from "../../core/ports.ts";
import { type AclUser, readUser } from "./acl-user.ts";
import type { AdminSession } from "./admin-login.ts";
import { hashOf, type Scope } from "./scope.ts";

/** Whether the target's users are at this node as a rotation needs them, and which passwords they have besides ours. */
export async function findUserTrouble(
  scope: Scope,
  node: AdminSession,
  current: Credential | undefined,
): Promise<readonly Finding[]> {
  const found = await Promise.all(
    scope.principals.map(async (name) => {
      const user = await readUser(node, name);
      return user === undefined
        ? [missing(node, name)]
        : [...useless(scope, node, name, user), ...(await further(scope, node, name, user, current))];
    }),
  );
  return found.flat();
}

function missing(node: AdminSession, name: string): Finding {
  return {
    severity: "error",
    code: "user_missing",
    sentence: `${node.node} has no user ${name}`,
    hint: "users are not replicated; copy the user's line of ACL LIST from another node, or let keyturn adopt print it",
  };
}

function useless(scope: Scope, node: AdminSession, name: string, user: AclUser): readonly Finding[] {
  if (user.nopass) {
    return [
      {
        severity: "error",
        code: "user_nopass",
        sentence: `${name} needs no password at ${node.node}: whatever is sent is accepted, and the first password refuses whoever sends none`,
        hint: "keyturn adopt prints the steps that give it a password without refusing anybody",
      },
    ];
  }
  if (user.on || scope.alternating) return [];
  const command = `ACL SETUSER ${name} on`;
  return [{ severity: "error", code: "user_off", sentence: `${name} is switched off at ${node.node}`, command }];
}

/** Passwords that are not the one in the store stay what they are: who uses them is for people to find out. */
async function further(
  scope: Scope,
  node: AdminSession,
  name: string,
  user: AclUser,
  current: Credential | undefined,
): Promise<readonly Finding[]> {
  if (!user.on || (scope.alternating && current?.ref.principal !== name)) return [];
  const known = current?.ref.principal === name ? await hashOf(scope, current.ref, user) : undefined;
  const others = user.hashes.filter((hash) => hash !== known);
  if (others.length === 0) return [];
  const generations = await Promise.all(others.map((hash) => scope.fingerprint(name, hash)));
  return [
    {
      severity: "warning",
      code: "further_passwords",
      sentence: `${name} has passwords at ${node.node} that no store of this target holds: ${generations.join(", ")}`,
      hint: "they stay valid, and a session that used one cannot be told from one that used the old password",
    },
  ];
}
