import { expect, it } from "vitest";
import { alphabetFor, baseAlphabet } from "../../../src/core/templates/alphabet.ts";
import { parseTemplate } from "../../../src/core/templates/parse.ts";
import { newPassword } from "../../../src/rotators/http-api/propose.ts";

const usual = { length: 16, classes: ["lower", "digit"] as ("lower" | "digit" | "symbol")[], deny: ["abc"] };

it("makes a password with one character of each class, the first a letter, and no denied word", () => {
  const made = Array.from({ length: 300 }, () => newPassword(usual, "aBc1-").reveal());
  for (const text of made) expect(text).toMatch(/^(?=.*[ac])(?=.*1)(?!.*abc)[aBc][aBc1-]{15}$/i);
  expect(new Set(made).size).toBe(300);
});

it("has only symbols that its application counts", () => {
  const wanted = { ...usual, classes: ["symbol" as const], symbols: "!@" };
  const alphabet = alphabetFor([parseTemplate("{{password}}")], [], wanted.symbols);
  for (let n = 0; n < 100; n += 1) {
    expect(newPassword(wanted, alphabet).reveal()).toMatch(/^[A-Za-z](?=[A-Za-z0-9]*[!@])[A-Za-z0-9!@]{15}$/);
  }
  expect(() => newPassword(wanted, baseAlphabet)).toThrow(/carry no symbol/);
});
