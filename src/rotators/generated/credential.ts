import type { Credential } from "../../core/credential.ts";
import { GiveUp } from "../../core/errors.ts";
import { Secret } from "../../core/secret.ts";
import { fingerprint } from "../probes/fingerprint.ts";
import { type Config, nameOf } from "./config.ts";

type Fields = Pick<Credential, "public" | "secret">;

/**
 * Email and password with their ref, whose generation tells both together. Where no template holds the email it is the
 * configured one. Throws GiveUp("unknown_principal") when there is neither, GiveUp("password_missing") or
 * GiveUp("email_missing") when there is one without the other, with which the application does not start.
 */
export async function credentialOf(config: Config, fields: Fields): Promise<Credential> {
  const password = fields.secret["password"];
  const email = fields.public["email"] ?? config.email ?? "";
  if (password === undefined || password.reveal() === "") {
    if (email === "") throw new GiveUp("unknown_principal", "the stores hold neither email nor password", { hint });
    throw new GiveUp("password_missing", "there is an email without a password: the application does not start so", {
      hint,
    });
  }
  if (email === "") throw missingEmail();
  const both = new Secret(JSON.stringify([email, password.reveal()]));
  const ref = { principal: nameOf(config), generation: await fingerprint("generated", both) };
  return { ref, public: { email }, secret: { password } };
}

const hint = "templates of the target must hold {{password}} and, unless the entry says `email`, {{email}}";

/** There is a password, and nobody says whose. */
export function missingEmail(): GiveUp {
  return new GiveUp("email_missing", "there is a password without an email: the application does not start so", {
    hint,
  });
}

/** What probes fill in. */
export function wordsOf({ public: { email = "" }, secret: { password } }: Fields): Readonly<Record<string, Secret>> {
  return { email: new Secret(email), ...(password === undefined ? {} : { password }) };
}

/** Words that a password may not have in common with its account: what stands before the @. */
export function ownWords(email: string): readonly string[] {
  return [email.split("@")[0] ?? ""];
}
