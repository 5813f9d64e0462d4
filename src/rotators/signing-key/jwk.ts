import { createHash, type KeyObject } from "node:crypto";
import { z } from "zod";

/** What of a public key's JWK counts for its thumbprint, in RFC 7638's order: the required members, sorted by name. */
const required: Readonly<Record<string, readonly string[]>> = {
  RSA: ["e", "kty", "n"],
  EC: ["crv", "kty", "x", "y"],
  OKP: ["crv", "kty", "x"],
};

const Members = z.record(z.string(), z.unknown());

/** The public key as a JWK, without anything private: what a key set lists. */
export function publicJwk(open: KeyObject, alg: string, kid: string): Readonly<Record<string, unknown>> {
  return { ...Members.parse(open.export({ format: "jwk" })), kid, alg, use: "sig" };
}

/** The key's name by RFC 7638: SHA-256 over its required members, base64url. Undefined for a JWK that is no public key of ours. */
export function thumbprint(jwk: Readonly<Record<string, unknown>>): string | undefined {
  const names = typeof jwk["kty"] === "string" ? required[jwk["kty"]] : undefined;
  if (names?.every((name) => typeof jwk[name] === "string") !== true) return undefined;
  const members = Object.fromEntries(names.map((name) => [name, jwk[name]]));
  return createHash("sha256").update(JSON.stringify(members)).digest("base64url");
}

export function thumbprintOf(open: KeyObject): string {
  return thumbprint(Members.parse(open.export({ format: "jwk" }))) ?? "";
}
