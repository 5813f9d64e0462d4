import { createHash, createPublicKey, type KeyObject } from "node:crypto";
import { z } from "zod";
import { ask } from "./token-http.ts";

/** Finds a public key by its id, in a key set somewhere. */
export type Lookup = (kid: string) => Promise<KeyObject | undefined>;

const Jwk = z.looseObject({ kty: z.string(), kid: z.string().optional() });
type Jwk = z.infer<typeof Jwk>;
const KeySet = z.union([z.object({ keys: z.array(Jwk) }), Jwk.transform((jwk) => ({ keys: [jwk] }))]);

/** The keys in the given texts, each a JWK or a set of them; empty texts count for nothing. A key without `kid` gets one. */
export function keySetIn(texts: readonly (string | undefined)[]): { readonly keys: readonly Jwk[] } {
  const all = texts.flatMap((text) => (text === undefined || text === "" ? [] : KeySet.parse(JSON.parse(text)).keys));
  const byId = new Map(all.map((jwk) => [jwk.kid ?? thumbprint(jwk), jwk] as const));
  return { keys: [...byId].map(([kid, jwk]) => ({ ...jwk, kid })) };
}

/** The key id of RFC 7638. */
export function keyIdOf(key: KeyObject): string {
  return thumbprint(Jwk.parse(key.export({ format: "jwk" })));
}

/**
 * A client that keeps the set as long as its Cache-Control allows. A key id that is not in it makes it ask again, but not before
 * the cool-down since the last answer has passed: so does the remote set of the library `jose`, which keeps the set for a time of
 * its own (`keptMs`), whatever the Cache-Control says.
 */
export function remoteKeySet(url: string, coolDownMs: number, keptMs?: number): Lookup {
  let held: { readonly keys: ReadonlyMap<string, KeyObject>; readonly at: number; readonly until: number } | undefined;
  let loading: Promise<void> | undefined;
  const load = (): Promise<void> => {
    loading ??= fetchSet(url, keptMs)
      .then((set) => {
        held = set;
      })
      .finally(() => {
        loading = undefined;
      });
    return loading;
  };
  return async (kid) => {
    if (held === undefined || Date.now() >= held.until) await load();
    const found = held?.keys.get(kid);
    if (found !== undefined || Date.now() < (held?.at ?? 0) + coolDownMs) return found;
    await load();
    return held?.keys.get(kid);
  };
}

/** Its age counts from the question: it may be as old as that when it arrives. */
async function fetchSet(url: string, keptMs: number | undefined) {
  const at = Date.now();
  const { status, body, headers } = await ask(url);
  if (status !== 200) throw new Error(`the key set answered ${status}`);
  const maxAge = /max-age=(\d+)/.exec(headers["cache-control"] ?? "")?.[1] ?? "0";
  const { keys } = keySetIn([body]);
  return {
    keys: new Map(keys.map((jwk) => [jwk.kid ?? "", createPublicKey({ key: jwk, format: "jwk" })])),
    at,
    until: at + (keptMs ?? Number(maxAge) * 1_000),
  };
}

/** RFC 7638: the members that the key consists of, in order of their names. */
function thumbprint(jwk: Jwk): string {
  const members = { RSA: ["e", "kty", "n"], EC: ["crv", "kty", "x", "y"], OKP: ["crv", "kty", "x"] } as const;
  const names = jwk.kty === "RSA" || jwk.kty === "EC" || jwk.kty === "OKP" ? members[jwk.kty] : [];
  const text = JSON.stringify(Object.fromEntries(names.map((name) => [name, jwk[name]])));
  return createHash("sha256").update(text).digest("base64url");
}
