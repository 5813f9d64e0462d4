import { createHash, type KeyObject, randomUUID } from "node:crypto";
import { decodeToken, encodeToken, privateKey, publicKeyOf, secretKey } from "./token-jwt.ts";
import { keyIdOf, type Lookup } from "./token-key-set.ts";
import type { Settings } from "./token-settings.ts";

/** What became of one token. `keyId` names the key that verified it. */
export type Verdict =
  | { readonly user: string; readonly keyId: string }
  | { readonly refused: "not a token" | "expired" | "unknown key" };

/** The keys that an instance found when it started. */
export type Keys = {
  /** A token that lives this long. Undefined: this instance signs nothing. */
  readonly sign: (user: string, lifeMs: number) => string | undefined;
  readonly verify: (token: string) => Promise<Verdict>;
};

type Named = { readonly id: string; readonly key: KeyObject };

/** Throws when a variable that it needs is not there: such an application does not start. */
export function keysOf(settings: Settings, values: Readonly<Record<string, string>>, lookup: Lookup): Keys {
  const { algorithm, variables, ignoresPrevious } = settings;
  if (algorithm === "HS256") {
    const first = hmacKey(need(values, variables.secret));
    const second = values[variables.previous] ?? "";
    const all = second === "" || ignoresPrevious ? [first] : [first, hmacKey(second)];
    return keys(settings, first, settings.tokenKid, () => Promise.resolve(all));
  }
  const own = settings.issues ? pairKey(need(values, variables.privateKey)) : undefined;
  return keys(settings, own, true, async (kid = "") => {
    const key = await lookup(kid);
    return key === undefined ? [] : [{ id: kid, key }];
  });
}

/** The first 8 hex digits of its SHA-256: enough to tell two keys apart. */
export function fingerprint(secret: string): string {
  return createHash("sha256").update(secret).digest("hex").slice(0, 8);
}

function keys(
  { algorithm }: Settings,
  own: Named | undefined,
  named: boolean,
  candidates: (kid: string | undefined) => Promise<readonly Named[]>,
): Keys {
  return {
    sign: (user, lifeMs) => {
      if (own === undefined) return undefined;
      const iat = Math.floor(Date.now() / 1_000);
      const claims = { sub: user, iat, exp: iat + Math.ceil(lifeMs / 1_000), jti: randomUUID() };
      return encodeToken(algorithm, own.key, named ? own.id : undefined, claims);
    },
    verify: async (token) => {
      const decoded = decodeToken(algorithm, token);
      if (decoded === undefined) return { refused: "not a token" };
      const found = (await candidates(decoded.kid)).find(({ key }) => decoded.isSignedBy(key));
      if (found === undefined) return { refused: "unknown key" };
      if (decoded.claims.exp * 1_000 <= Date.now()) return { refused: "expired" };
      return { user: decoded.claims.sub, keyId: found.id };
    },
  };
}

function hmacKey(secret: string): Named {
  return { id: fingerprint(secret), key: secretKey(secret) };
}

function pairKey(pem: string): Named {
  const key = privateKey(pem);
  return { id: keyIdOf(publicKeyOf(key)), key };
}

function need(values: Readonly<Record<string, string>>, name: string): string {
  const value = values[name] ?? "";
  if (value === "") throw new Error(`${name} is not set`);
  return value;
}
