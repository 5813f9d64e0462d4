import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  type KeyObject,
  sign,
  timingSafeEqual,
  verify,
} from "node:crypto";
import { z } from "zod";

/** HS256 has one key for both ends; the others have a pair. */
export const Algorithm = z.enum(["HS256", "RS256", "ES256", "EdDSA"]);
export type Algorithm = z.infer<typeof Algorithm>;

const Header = z.object({ alg: z.string(), kid: z.string().optional() });
const Claims = z.object({ sub: z.string(), exp: z.number() });

export type Decoded = {
  readonly kid: string | undefined;
  readonly claims: z.infer<typeof Claims>;
  readonly isSignedBy: (key: KeyObject) => boolean;
};

/** A compact JSON Web Signature (RFC 7515). */
export function encodeToken(algorithm: Algorithm, key: KeyObject, kid: string | undefined, claims: object): string {
  const input = `${part({ alg: algorithm, typ: "JWT", ...(kid === undefined ? {} : { kid }) })}.${part(claims)}`;
  const mark =
    algorithm === "HS256"
      ? createHmac("sha256", key).update(input).digest()
      : sign(hashOf(algorithm), Buffer.from(input), { key, dsaEncoding: "ieee-p1363" });
  return `${input}.${mark.toString("base64url")}`;
}

/** Takes a token apart without judging it. Undefined: it is no token, or one of another algorithm, whatever its header says. */
export function decodeToken(algorithm: Algorithm, token: string): Decoded | undefined {
  const [head = "", body = "", mark = "", ...more] = token.split(".");
  const header = Header.safeParse(read(head)).data;
  const claims = Claims.safeParse(read(body)).data;
  if (more.length > 0 || header?.alg !== algorithm || claims === undefined) return undefined;
  const input = Buffer.from(`${head}.${body}`);
  const given = Buffer.from(mark, "base64url");
  return { kid: header.kid, claims, isSignedBy: (key) => isSigned(algorithm, key, input, given) };
}

export function secretKey(text: string): KeyObject {
  return createSecretKey(Buffer.from(text));
}

/** A PEM, also one whose line ends are written as `\n`, as some `.env` files have it. */
export function privateKey(pem: string): KeyObject {
  return createPrivateKey(pem.replaceAll("\\n", "\n"));
}

export function publicKeyOf(key: KeyObject): KeyObject {
  return createPublicKey(key);
}

function isSigned(algorithm: Algorithm, key: KeyObject, input: Buffer, given: Buffer): boolean {
  if (algorithm !== "HS256") return verify(hashOf(algorithm), input, { key, dsaEncoding: "ieee-p1363" }, given);
  const expected = createHmac("sha256", key).update(input).digest();
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function hashOf(algorithm: Algorithm): "sha256" | null {
  return algorithm === "EdDSA" ? null : "sha256";
}

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function read(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, "base64url").toString());
  } catch {
    return undefined;
  }
}
