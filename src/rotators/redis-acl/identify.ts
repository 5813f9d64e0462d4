import type { Credential } from "../../core/credential.ts";
import { GiveUp } from "../../core/errors.ts";
import { aclHash } from "./generation.ts";
import type { Scope } from "./scope.ts";

/**
 * Gives what was read out of a store its ref. Without a user name it is the user `default`, as for every client that
 * sends none. Throws GiveUp("unknown_principal"), or GiveUp("no_password").
 */
export async function identify(scope: Scope, fields: Pick<Credential, "public" | "secret">): Promise<Credential> {
  const username = fields.public["username"] ?? "default";
  if (!scope.principals.includes(username)) {
    throw new GiveUp("unknown_principal", "the store holds a login of a user that this target does not rotate", {
      hint: `the target rotates ${scope.principals.join(" and ")}; a template without {{username}} means the user default`,
    });
  }
  const password = fields.secret["password"];
  if (password === undefined || password.reveal() === "") {
    throw new GiveUp("no_password", `the store holds no password for ${username}`);
  }
  return credentialOf(scope, username, password);
}

/** A credential of a user, its ref computed. */
export async function credentialOf(
  scope: Scope,
  username: string,
  password: NonNullable<Credential["secret"][string]>,
): Promise<Credential> {
  const generation = await scope.fingerprint(username, aclHash(password));
  return { ref: { principal: username, generation }, public: { username }, secret: { password } };
}
