import type { Credential } from "../../core/credential.ts";
import { GiveUp } from "../../core/errors.ts";
import { Secret } from "../../core/secret.ts";
import { fingerprint } from "../probes/fingerprint.ts";
import type { Config } from "./config.ts";

/**
 * What was read out of the stores, with its ref: the user, and a fingerprint of the password, because the API carries no mark. A
 * store that does not hold the name means this user. Throws GiveUp("unknown_principal"), GiveUp("no_password").
 */
export async function credentialOf(
  { username }: Config,
  fields: Pick<Credential, "public" | "secret">,
): Promise<Credential> {
  const named = fields.public["username"] ?? username;
  if (named !== username) {
    throw new GiveUp("unknown_principal", "the store names a user that is not the one of this target", {
      hint: `expected ${username}`,
    });
  }
  const password = passwordOf(fields);
  const ref = { principal: username, generation: await fingerprint("http-api", password) };
  return { ref, public: { username }, secret: { password } };
}

/** What requests present: name and password as they are, and joined for basic authentication. */
export function wordsOf(credential: Pick<Credential, "public" | "secret">): Readonly<Record<string, Secret>> {
  const username = credential.public["username"] ?? "";
  const password = passwordOf(credential);
  const basic = Buffer.from(`${username}:${password.reveal()}`).toString("base64");
  return { username: new Secret(username), password, basic: new Secret(basic) };
}

function passwordOf({ secret }: Pick<Credential, "secret">): Secret {
  const { password } = secret;
  if (password === undefined) throw new GiveUp("no_password", "the credential holds no password");
  return password;
}
