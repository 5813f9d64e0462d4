import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import type { Changes } from "./token-env.ts";
import type { Algorithm } from "./token-jwt.ts";
import { keyIdOf } from "./token-key-set.ts";
import type { Variables } from "./token-settings.ts";

/** What stands in the `.env` of the service that signs, and what in that of every service, before anything was rotated. */
export function firstValues(
  algorithm: Algorithm,
  names: Variables,
): { readonly issuer: Changes; readonly everybody: Changes } {
  const everybody = { [names.internal]: freshSecret() };
  if (algorithm === "HS256") return { issuer: { [names.secret]: freshSecret() }, everybody };
  const { pem, jwk } = freshPair(algorithm);
  return { issuer: { [names.privateKey]: pem, [names.keySet]: jwk }, everybody };
}

/** 32 random bytes in base64, as the runbooks make them. */
export function freshSecret(): string {
  return randomBytes(32).toString("base64");
}

/** A new key pair: the private key as PEM, the public one as a JWK with its key id. */
export function freshPair(algorithm: Exclude<Algorithm, "HS256">): { readonly pem: string; readonly jwk: string } {
  const own = generate(algorithm);
  const open = createPublicKey(own);
  const jwk = { ...open.export({ format: "jwk" }), kid: keyIdOf(open), alg: algorithm, use: "sig" };
  const pem = own.export({ type: "pkcs8", format: "pem" }).toString();
  return { pem, jwk: JSON.stringify(jwk) };
}

function generate(algorithm: Exclude<Algorithm, "HS256">): KeyObject {
  switch (algorithm) {
    case "RS256":
      return generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
    case "ES256":
      return generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey;
    case "EdDSA":
      return generateKeyPairSync("ed25519").privateKey;
  }
}
