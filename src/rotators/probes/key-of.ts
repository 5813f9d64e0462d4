import type { Credential } from "../../core/credential.ts";
import { GiveUp } from "../../core/errors.ts";
import type { Secret } from "../../core/secret.ts";

/** The secret field of a credential. */
export function keyOf({ secret }: Credential): Secret {
  const { key } = secret;
  if (key === undefined) throw new GiveUp("no_key", "the credential holds no key");
  return key;
}
