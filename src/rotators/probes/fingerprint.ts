import { scrypt } from "node:crypto";
import type { Secret } from "../../core/secret.ts";

/**
 * The public name of a key, 16 hex digits. It stands in threads and journals, so it must not give the key away: from a random
 * key of 32 bytes nothing can be guessed, and each guess at a weak one that somebody chose years ago costs what scrypt costs
 * (16 MiB, about 50 ms).
 */
export function fingerprint(kind: string, key: Secret): Promise<string> {
  return new Promise((resolve, reject) => {
    scrypt(key.reveal(), `keyturn ${kind}`, 8, { N: 2 ** 14, r: 8, p: 1 }, (error, bytes) => {
      if (error === null) resolve(bytes.toString("hex"));
      else reject(error);
    });
  });
}
