import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from "node:crypto";
import { KeyturnError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";

/** Where a sealed value belongs. All of it is authenticated: a value moved elsewhere does not open. */
export type Place = {
  readonly rotationId: string;
  readonly secret: string;
  readonly environment: string;
  readonly slot: string;
  readonly position: string;
};

/** AES-256-GCM with a random nonce. The result is nonce (12 bytes), tag (16 bytes), ciphertext. */
export function seal(key: KeyObject, place: Place, value: Secret): Buffer {
  return encrypt(key, value.reveal(), authenticated(place));
}

/** Throws KeyturnError("seal_broken") when the value was changed, or sealed for another place or under another key. */
export function unseal(key: KeyObject, place: Place, sealed: Buffer): Secret {
  return new Secret(decrypt(key, sealed, authenticated(place), `${place.slot} ${place.position}`).toString("utf8"));
}

/** A new random data key, and the same wrapped by a seal key for one rotation. */
export function newDataKey(
  wrapping: KeyObject,
  rotationId: string,
): { readonly key: KeyObject; readonly wrapped: Buffer } {
  const bytes = randomBytes(32);
  const wrapped = encrypt(wrapping, bytes, wrappedFor(rotationId));
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return { key, wrapped };
}

/** Throws KeyturnError("seal_broken") when it was wrapped by another seal key or for another rotation. */
export function unwrapDataKey(wrapping: KeyObject, rotationId: string, wrapped: Buffer): KeyObject {
  const bytes = decrypt(wrapping, wrapped, wrappedFor(rotationId), "the data key");
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return key;
}

function authenticated(place: Place): Buffer {
  return Buffer.from(
    JSON.stringify(["keyturn seal 1", place.rotationId, place.secret, place.environment, place.slot, place.position]),
  );
}

function wrappedFor(rotationId: string): Buffer {
  return Buffer.from(JSON.stringify(["keyturn data key 1", rotationId]));
}

function encrypt(key: KeyObject, plain: string | Buffer, aad: Buffer): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(aad);
  const text = Buffer.concat([
    typeof plain === "string" ? cipher.update(plain, "utf8") : cipher.update(plain),
    cipher.final(),
  ]);
  return Buffer.concat([nonce, cipher.getAuthTag(), text]);
}

function decrypt(key: KeyObject, sealed: Buffer, aad: Buffer, what: string): Buffer {
  try {
    const cipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, 12), { authTagLength: 16 }).setAAD(aad);
    cipher.setAuthTag(sealed.subarray(12, 28));
    return Buffer.concat([cipher.update(sealed.subarray(28)), cipher.final()]);
  } catch {
    throw new KeyturnError("seal_broken", `a sealed value does not open: ${what}`, {
      hint: "it was changed or moved in the database, or belongs to another seal key",
    });
  }
}
