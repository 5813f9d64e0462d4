import { randomInt } from "node:crypto";
import { GiveUp } from "../../core/errors.ts";
import { Secret } from "../../core/secret.ts";
import type { Config } from "./config.ts";

const classes = { lower: /[a-z]/, upper: /[A-Z]/, digit: /[0-9]/, symbol: /[^A-Za-z0-9]/ } as const;

/**
 * A random password out of `alphabet`: its first character a letter, one of every class in it, none of the denied words. Drawn
 * anew until it is so, which leaves all that qualify as likely as each other. Throws GiveUp("class_not_carried").
 */
export function newPassword({ length, classes: wanted, symbols, deny }: Config["password"], alphabet: string): Secret {
  const isKnown = (c: string): boolean => symbols === undefined || !classes.symbol.test(c) || symbols.includes(c);
  const all = [...new Set(alphabet)].filter(isKnown);
  const letters = all.filter((character) => /[A-Za-z]/.test(character));
  const missing = wanted.filter((name) => !all.some((character) => classes[name].test(character)));
  if (missing.length > 0 || letters.length < 2) {
    const [first = "letter"] = missing;
    throw new GiveUp("class_not_carried", `templates and stores carry no ${first}`, {
      hint: "leave the class out of `password`, or put the value into a template with fewer restrictions",
    });
  }
  for (;;) {
    const rest = Array.from({ length: length - 1 }, () => pick(all));
    const text = [pick(letters), ...rest].join("");
    if (wanted.every((name) => classes[name].test(text)) && !holds(text, deny)) return new Secret(text);
  }
}

/** Whether one of these words stands in it, in any case. */
export function holds(text: string, words: readonly string[]): boolean {
  const small = text.toLowerCase();
  return words.some((word) => small.includes(word.toLowerCase()));
}

function pick(from: readonly string[]): string {
  return from[randomInt(from.length)] ?? "";
}
