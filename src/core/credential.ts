import { z } from "zod";
import type { Secret } from "./secret.ts";

/**
 * Names one credential at an issuer without revealing it: who logs in, and which of that principal's secrets is meant.
 *
 * `generation` is public: a mark that the issuer carries (a role comment), or a short fingerprint of a value that is too
 * random to guess. Two credentials of one principal differ in it, so "the other one" is never needed to name one.
 */
export const Ref = z.strictObject({ principal: z.string(), generation: z.string() });
export type Ref = z.infer<typeof Ref>;

/** What is presented to the issuer. `public` may be shown (user names, hosts); `secret` may not. */
export type Credential = {
  readonly ref: Ref;
  readonly public: Readonly<Record<string, string>>;
  readonly secret: Readonly<Record<string, Secret>>;
};

/** Values sorted by what the rotator says of each field: the public ones may be shown from here on. Others are left out. */
export function sortedFields(
  kinds: Readonly<Record<string, "public" | "secret">>,
  values: Readonly<Record<string, Secret>>,
): Pick<Credential, "public" | "secret"> {
  const of = (kind: "public" | "secret") => Object.entries(values).filter(([name]) => kinds[name] === kind);
  return {
    public: Object.fromEntries(of("public").map(([name, value]) => [name, value.reveal()])),
    secret: Object.fromEntries(of("secret")),
  };
}

/** `current`: what applications use at the start. `pending`: what this rotation makes. `previous` is `current` once pending took over. */
export const Slot = z.enum(["current", "pending"]);
export type Slot = z.infer<typeof Slot>;

/** A stable key for maps and comparisons. */
export function refKey(ref: Ref): string {
  return `${ref.principal}#${ref.generation}`;
}

/** Whether two refs name the same credential. */
export function sameRef(a: Ref, b: Ref): boolean {
  return a.principal === b.principal && a.generation === b.generation;
}
