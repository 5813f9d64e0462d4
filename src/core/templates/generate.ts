import { randomInt } from "node:crypto";
import { KeyturnError } from "../errors.ts";
import { Secret } from "../secret.ts";

/**
 * A random value of at least `bits` bits of entropy from the characters of `alphabet`, each as likely as any other
 * (`crypto.randomInt` is unbiased). The first is a letter where there are letters, because shells, YAML and option parsers
 * take - ~ . and digits for something else there; the length makes up for it. Throws KeyturnError("alphabet_too_small").
 */
export function generate(alphabet: string, bits = 256): Secret {
  const all = [...new Set(alphabet)];
  const letters = all.filter((c) => /[A-Za-z]/.test(c));
  const first = letters.length > 1 ? letters : all;
  if (all.length < 2) throw new KeyturnError("alphabet_too_small", "a value needs at least two different characters");
  const rest = Math.max(0, Math.ceil((bits - Math.log2(first.length)) / Math.log2(all.length)));
  return new Secret([pick(first), ...Array.from({ length: rest }, () => pick(all))].join(""));
}

function pick(from: readonly string[]): string {
  return from[randomInt(from.length)] ?? "";
}
