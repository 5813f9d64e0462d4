import { randomBytes } from "node:crypto";
import { z } from "zod";
import { GiveUp } from "../../core/errors.ts";
import { Secret } from "../../core/secret.ts";
import { baseAlphabet } from "../../core/templates/alphabet.ts";

export const Encoding = z.enum(["hex", "base64", "base64url"]);
export const Bytes = z.int().min(32).max(512);

const alphabets = {
  hex: "0123456789abcdef",
  base64: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=",
  base64url: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
} as const;

/**
 * Random bytes as text on one line (`openssl rand -base64 64` prints two). `alphabet`: what the places it goes to can carry of the
 * characters that generated values are usually made of. Throws GiveUp("encoding_not_carried").
 */
export function randomText(encoding: z.infer<typeof Encoding>, bytes: number, alphabet: string): Secret {
  const missing = alphabets[encoding].split("").filter((c) => baseAlphabet.includes(c) && !alphabet.includes(c));
  if (missing.length > 0) {
    throw new GiveUp("encoding_not_carried", `templates and stores cannot carry every character of ${encoding}`, {
      hint: "choose another encoding, or put the value into a template with fewer restrictions",
    });
  }
  return new Secret(randomBytes(bytes).toString(encoding));
}

/**
 * At most how many bits of chance a text has, by its length and its characters. What it was made of is not known, so a long sentence
 * passes; what is found is short, or of few characters.
 */
export function mostBits(text: Secret): number {
  const plain = text.reveal().replace(/=*\s*$/, "");
  const perCharacter = /^[0-9a-f]+$/i.test(plain) ? 4 : 6;
  return Math.floor(plain.length * Math.min(perCharacter, Math.log2(new Set(plain).size) + 2));
}
