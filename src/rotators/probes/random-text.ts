import { randomBytes } from "node:crypto";
import { z } from "zod";
import { explain, GiveUp } from "../../core/errors.ts";
import type { Finding } from "../../core/ports.ts";
import { Secret } from "../../core/secret.ts";
import { baseAlphabet } from "../../core/templates/alphabet.ts";

export const Encoding = z.enum(["hex", "base64", "base64url"]);
export type Encoding = z.infer<typeof Encoding>;
export const Bytes = z.int().min(32).max(512);

const alphabets = {
  hex: "0123456789abcdef",
  base64: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=",
  base64url: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
} as const;

/** The characters of an encoding that values are not usually made of: what a rotator asks for with `RotatorShape.symbols`. */
export function symbolsOf(encoding: Encoding): string {
  return alphabets[encoding]
    .split("")
    .filter((c) => !baseAlphabet.includes(c))
    .join("");
}

/**
 * Random bytes as text on one line (`openssl rand -base64 64` prints two). `alphabet`: what the places it goes to can carry;
 * undefined: it goes nowhere. Throws GiveUp("encoding_not_carried").
 */
export function randomText(encoding: Encoding, bytes: number, alphabet?: string): Secret {
  const refusal = uncarried(encoding, alphabet);
  if (refusal !== undefined) throw refusal;
  return new Secret(randomBytes(bytes).toString(encoding));
}

/** Nothing where the places carry every character of the encoding, or are not known. */
export function textFindings(encoding: Encoding, alphabet: string | undefined): readonly Finding[] {
  const refusal = uncarried(encoding, alphabet);
  return refusal === undefined ? [] : [{ severity: "error", ...explain(refusal) }];
}

function uncarried(encoding: Encoding, alphabet: string | undefined): GiveUp | undefined {
  const missing = alphabets[encoding].split("").filter((c) => alphabet?.includes(c) === false);
  if (missing.length === 0) return undefined;
  const told = missing.map((c) => JSON.stringify(c)).join(" and ");
  return new GiveUp("encoding_not_carried", `templates and stores cannot carry ${told}, which a key may hold`, {
    hint: "choose another encoding, or put the value into a template with fewer restrictions",
  });
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
