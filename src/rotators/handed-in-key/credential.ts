import type { Credential } from "../../core/credential.ts";
import { GiveUp } from "../../core/errors.ts";
import { Secret } from "../../core/secret.ts";
import { fingerprint } from "../probes/fingerprint.ts";
import type { Config } from "./config.ts";

/**
 * What was read out of the stores, or handed in, with its ref: the name, and a fingerprint of all fields together, so that two
 * pairs differ when one of their fields does. Throws GiveUp("field_missing").
 */
export async function credentialOf(
  { name, fields }: Config,
  given: Pick<Credential, "public" | "secret">,
): Promise<Credential> {
  const values = Object.keys(fields)
    .toSorted()
    .map((field) => [field, given.secret[field]?.reveal() ?? given.public[field] ?? ""] as const);
  const missing = values.filter(([, value]) => value === "").map(([field]) => field);
  if (missing.length > 0) {
    throw new GiveUp("field_missing", `there is no ${missing.join(", ")}`, {
      hint: "each field stands in a template of the target, and all are handed in together",
    });
  }
  const ref = { principal: name, generation: await fingerprint("handed-in-key", new Secret(JSON.stringify(values))) };
  return { ref, public: given.public, secret: given.secret };
}

/** What probes fill in: each field as it is and as a form writes it, and two of them joined for basic authentication. */
export function wordsOf(
  { fields, basic }: Config,
  given: Pick<Credential, "public" | "secret">,
): Readonly<Record<string, Secret>> {
  const text = (field: string): string => given.secret[field]?.reveal() ?? given.public[field] ?? "";
  const words = Object.keys(fields).flatMap((field) => [
    [field, new Secret(text(field))] as const,
    [`${field}|url`, new Secret(encodeURIComponent(text(field)))] as const,
  ]);
  const joined = basic === undefined ? undefined : Buffer.from(basic.map(text).join(":")).toString("base64");
  return Object.fromEntries([...words, ...(joined === undefined ? [] : [["basic", new Secret(joined)] as const])]);
}
