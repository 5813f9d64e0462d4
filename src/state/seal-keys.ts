import { createHmac, createSecretKey, hkdfSync, type KeyObject, timingSafeEqual } from "node:crypto";
import { KeyturnError } from "../core/errors.ts";
import type { Secret } from "../core/secret.ts";

/** The seal keys by id. New things are sealed under `current`; the others only open what they closed. */
export type SealKeys = { readonly current: string; readonly keys: Readonly<Record<string, Secret>> };

/** What is signed: the purpose is part of the derived key, so a signature of one kind is none of another. */
export type Purpose = "vote" | "command" | "collect" | "audit";
export type Signature = { readonly key_id: string; readonly mac: Buffer };

/** Keys derived from the seal keys. `wrapping` returns undefined for an id that is not there. */
export type Keyring = {
  readonly current: string;
  readonly wrapping: (keyId: string) => KeyObject | undefined;
  readonly sign: (purpose: Purpose, text: string) => Signature;
  /** False also when the key is not there. */
  readonly holds: (purpose: Purpose, text: string, signature: Signature) => boolean;
};

const purposes = ["wrap", "vote", "command", "collect", "audit"] as const;
const leastLength = 32;

/**
 * Derives one key per purpose (HKDF-SHA-256) from each seal key. Throws KeyturnError("seal_key_missing") when the current
 * one is not among them, ("seal_key_weak") for one shorter than 32 characters: it is used as randomness, not stretched.
 */
export function openKeyring(sealKeys: SealKeys): Keyring {
  const derived = new Map<string, KeyObject>();
  for (const [id, secret] of Object.entries(sealKeys.keys)) {
    for (const purpose of purposes) derived.set(`${purpose}:${id}`, derive(id, purpose, secret));
  }
  const current = sealKeys.current;
  const need = (purpose: Purpose): KeyObject => {
    const key = derived.get(`${purpose}:${current}`);
    if (key === undefined) throw new KeyturnError("seal_key_missing", `there is no seal key with the id ${current}`);
    return key;
  };
  need("audit");
  return {
    current,
    wrapping: (keyId) => derived.get(`wrap:${keyId}`),
    sign: (purpose, text) => ({ key_id: current, mac: hmac(need(purpose), text) }),
    holds: (purpose, text, signature) => {
      const key = derived.get(`${purpose}:${signature.key_id}`);
      return key !== undefined && signature.mac.length === 32 && timingSafeEqual(hmac(key, text), signature.mac);
    },
  };
}

function derive(id: string, purpose: string, secret: Secret): KeyObject {
  const text = secret.reveal();
  if (text.length < leastLength) {
    throw new KeyturnError("seal_key_weak", `the seal key ${id} is shorter than ${leastLength} characters`, {
      hint: "make one with: openssl rand -base64 32",
    });
  }
  return createSecretKey(Buffer.from(hkdfSync("sha256", text, "", `keyturn 1 ${purpose}`, 32)));
}

function hmac(key: KeyObject, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
