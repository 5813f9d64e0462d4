import { createHash, scrypt } from "node:crypto";
import type { Secret } from "../../core/secret.ts";

/** Gives the public generation of a password of a user, from the hash that `ACL GETUSER` lists. */
export type Fingerprint = (principal: string, hash: string) => Promise<string>;

/**
 * A generation can be had from the server's own list of hashes alone, and says as little as it can about the password:
 * scrypt over the hash (16 MiB, about 50 ms), 64 bits of it. A generation stands in threads and journals; a password of 32
 * random characters cannot be guessed from it at all, and each guess at a weak one that somebody chose years ago costs
 * what scrypt costs instead of one SHA-256. The user's name is the salt: two users with one password do not show it.
 * Each distinct hash is computed once per opened session.
 */
export function fingerprints(): Fingerprint {
  const known = new Map<string, Promise<string>>();
  return (principal, hash) => {
    const key = `${principal} ${hash}`;
    const generation = known.get(key) ?? derive(principal, hash);
    known.set(key, generation);
    return generation;
  };
}

/** The hash by which Redis stores a password (Redis documentation of ACL SETUSER): SHA-256 in lower-case hex. */
export function aclHash(password: Secret): string {
  return createHash("sha256").update(password.reveal()).digest("hex");
}

function derive(principal: string, hash: string): Promise<string> {
  return new Promise((resolve, reject) => {
    scrypt(hash, `keyturn redis-acl ${principal}`, 8, { N: 2 ** 14, r: 8, p: 1 }, (error, key) => {
      if (error === null) resolve(key.toString("hex"));
      else reject(error);
    });
  });
}
