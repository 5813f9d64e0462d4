import { z } from "zod";
import type { Secret } from "../../core/secret.ts";
import { baseAlphabet } from "../../core/templates/alphabet.ts";

const Class = z.enum(["upper", "lower", "digit", "symbol"]);
type Class = z.infer<typeof Class>;

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const alphanumeric = `${letters}${letters.toLowerCase()}0123456789`;
const ascii = Array.from({ length: 94 }, (_, index) => String.fromCodePoint(33 + index)).join("");
const anySymbol = ascii
  .split("")
  .filter((c) => !alphanumeric.includes(c))
  .join("");

/** What the application asks of the password when it starts. It is made of the classes in `needs` and of no others. */
export const Policy = z
  .strictObject({
    minLength: z.int().min(1).max(256).default(12),
    maxLength: z.int().min(12).max(256).default(72).describe("bcrypt reads no more than 72 bytes"),
    needs: z
      .array(Class)
      .min(1)
      .default(["upper", "lower", "digit"])
      .describe("classes of which at least one character each must be in it; it is made of these alone"),
    symbols: z
      .string()
      .regex(/^[!-/:-@[-`{-~]+$/, "printable characters that are neither letters nor digits")
      .exactOptional()
      .describe(
        "which characters the application counts as symbols, where not every one counts; a symbol in it is one of these",
      ),
    deny: z
      .array(z.string().min(3))
      .default([])
      .describe("words that may not be in it, in any case; well-known default passwords never are"),
  })
  .superRefine((policy, context) => {
    const complain = (path: string, message: string): void =>
      context.addIssue({ code: "custom", path: [path], message });
    if (policy.minLength > policy.maxLength) complain("minLength", "is more than maxLength");
    if (bitsOf(policy, alphabetOf(policy)) < leastBits) {
      complain("maxLength", `a password that short, of ${policy.needs.join(", ")}, could be guessed`);
    }
  });
export type Policy = z.infer<typeof Policy>;

/** Where somebody can try passwords at a login, one after the other, this many bits of chance are enough. */
const leastBits = 64;

/** Longer ones are made only where the policy asks for them. */
const usualLength = 32;

/** Passwords that installations come with, and their parts. */
const wellKnown = [
  "admin",
  "changeme",
  "default",
  "letmein",
  "password",
  "qwerty",
  "root",
  "secret",
  "welcome",
  "123456",
];

/** What a new one may be made of where every place carries everything. */
export function alphabetOf({ symbols = "" }: Pick<Policy, "symbols">): string {
  return baseAlphabet + symbols;
}

/** How long a new one is. */
export function lengthOf({ minLength, maxLength }: Policy): number {
  return Math.min(maxLength, Math.max(minLength, usualLength));
}

/** What a new one is made of, out of the characters that every place can carry. */
export function charactersOf(policy: Policy, alphabet: string): string {
  return policy.needs.map((name) => carried(policy, name, alphabet)).join("");
}

/** The classes of which no character can be carried. */
export function lacking(policy: Policy, alphabet: string): readonly Class[] {
  return policy.needs.filter((name) => carried(policy, name, alphabet) === "");
}

/** How many bits of chance a new one has. */
export function bitsOf(policy: Policy, alphabet: string): number {
  return Math.floor(lengthOf(policy) * Math.log2(Math.max(1, charactersOf(policy, alphabet).length)));
}

/** Whether nothing but a guess stands in the way of a password of these characters. */
export function isGuessable(policy: Policy, alphabet: string): boolean {
  return bitsOf(policy, alphabet) < leastBits;
}

/**
 * What of the policy a password breaks, as the end of "it ...". `own`: words of the account, such as its email. No sentence tells
 * anything of the password but that.
 */
export function breaches(policy: Policy, password: Secret, own: readonly string[]): readonly string[] {
  const text = password.reveal();
  const lower = text.toLowerCase();
  const holds = (words: readonly string[]): boolean => words.some((word) => lower.includes(word.toLowerCase()));
  const missing = policy.needs.filter((name) => !text.split("").some((c) => isOf(policy, name, c)));
  return [
    ...(text.length < policy.minLength ? [`is shorter than ${String(policy.minLength)} characters`] : []),
    ...(Buffer.byteLength(text) > policy.maxLength ? [`is longer than ${String(policy.maxLength)} bytes`] : []),
    ...missing.map((name) => `has no ${words[name]}`),
    ...(holds(policy.deny) ? ["holds a denied word"] : []),
    ...(holds(wellKnown) ? ["holds a well-known default password"] : []),
    ...(holds(own.filter((word) => word.length >= shortestOwn)) ? ["holds the name of its account"] : []),
  ];
}
const shortestOwn = 4;

/** What sentences call a class. */
export const words: Readonly<Record<Class, string>> = {
  upper: "capital letter",
  lower: "small letter",
  digit: "digit",
  symbol: "symbol",
};

function carried(policy: Policy, name: Class, alphabet: string): string {
  return [...new Set(alphabet)].filter((c) => isOf(policy, name, c)).join("");
}

function isOf({ symbols = anySymbol }: Policy, name: Class, c: string): boolean {
  switch (name) {
    case "upper":
      return /^[A-Z]$/.test(c);
    case "lower":
      return /^[a-z]$/.test(c);
    case "digit":
      return /^\d$/.test(c);
    case "symbol":
      return symbols.includes(c);
  }
}
