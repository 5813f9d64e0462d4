import { createHmac, type KeyObject, sign, timingSafeEqual, verify } from "node:crypto";
import { z } from "zod";
import { Secret } from "../../core/secret.ts";
import type { Material } from "./material.ts";

/** Signs a compact JSON Web Signature (RFC 7515; RFC 7518 and RFC 8037 for the algorithms). */
export function signToken(header: object, claims: object, material: Material): Secret {
  const input = `${part({ alg: material.algorithm, ...header })}.${part(claims)}`;
  return new Secret(`${input}.${signature(input, material).toString("base64url")}`);
}

/** Whether a token bears the signature of this key, and the key id in its header. Undefined: it is no token of this form. */
export function readSignature(
  token: string,
  material: Material,
): { readonly ours: boolean; readonly kid: string | undefined } | undefined {
  const [head = "", body, mark, ...more] = token.split(".");
  if (body === undefined || mark === undefined || more.length > 0) return undefined;
  const header = readHeader(head);
  if (header === undefined) return undefined;
  const ours =
    header.alg === material.algorithm && isSigned(`${head}.${body}`, Buffer.from(mark, "base64url"), material);
  return { ours, kid: header.kid };
}

const Header = z.object({ alg: z.string(), kid: z.string().optional() });

function readHeader(text: string): z.infer<typeof Header> | undefined {
  try {
    return Header.parse(JSON.parse(Buffer.from(text, "base64url").toString("utf8")));
  } catch {
    return undefined;
  }
}

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function signature(input: string, { algorithm, own }: Material): Buffer {
  if (algorithm === "HS256") return createHmac("sha256", own).update(input).digest();
  return sign(hashOf(algorithm), Buffer.from(input), pair(own));
}

function isSigned(input: string, mark: Buffer, material: Material): boolean {
  if (material.algorithm !== "HS256")
    return verify(hashOf(material.algorithm), Buffer.from(input), pair(material.open), mark);
  const expected = signature(input, material);
  return mark.length === expected.length && timingSafeEqual(mark, expected);
}

/** Ed25519 hashes by itself. */
function hashOf(algorithm: Material["algorithm"]): string | null {
  return algorithm === "EdDSA" ? null : "sha256";
}

/** RFC 7518 section 3.4 writes the two numbers of an ECDSA signature one after the other, not as DER. */
function pair(key: KeyObject): { key: KeyObject; dsaEncoding: "ieee-p1363" } {
  return { key, dsaEncoding: "ieee-p1363" };
}
