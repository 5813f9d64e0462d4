import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Secret } from "../../../src/core/secret.ts";
import { alphabetFor, baseAlphabet } from "../../../src/core/templates/alphabet.ts";
import { parseTemplate } from "../../../src/core/templates/parse.ts";
import { passwordFor } from "../../../src/rotators/generated/password.ts";
import { bitsOf, breaches, lacking, Policy } from "../../../src/rotators/generated/policy.ts";

const ascii = Array.from({ length: 94 }, (_, index) => String.fromCodePoint(33 + index));
const symbols = ascii.filter((c) => !/[A-Za-z0-9]/.test(c));

/** Said once more, and otherwise than the policy itself says it. */
const matches = {
  upper: (text: string) => /[A-Z]/.test(text),
  lower: (text: string) => /[a-z]/.test(text),
  digit: (text: string) => /[0-9]/.test(text),
  symbol: (text: string, counted: string) => counted.split("").some((c) => text.includes(c)),
};

const policies = fc
  .record({
    lengths: fc.tuple(fc.integer({ min: 1, max: 256 }), fc.integer({ min: 12, max: 256 })),
    needs: fc.subarray(["upper", "lower", "digit", "symbol"] as const, { minLength: 1 }),
    symbols: fc.uniqueArray(fc.constantFrom(...symbols), { minLength: 1 }).map((all) => all.join("")),
    deny: fc.array(fc.stringMatching(/^[a-z]{3}$/), { maxLength: 3 }),
  })
  .map(({ lengths: [a, b], ...rest }) => ({ minLength: Math.min(a, b), maxLength: b, ...rest }));
const alphabets = fc.uniqueArray(fc.constantFrom(...ascii), { minLength: 16 }).map((all) => all.join(""));

describe("a generated password", () => {
  it("keeps every policy that can be kept, is made of what every place carries, and is refused where there is none", () => {
    fc.assert(
      fc.property(policies, alphabets, (entry, alphabet) => {
        const parsed = Policy.safeParse(entry);
        fc.pre(parsed.success);
        const policy = Policy.parse(entry);
        if (lacking(policy, alphabet).length > 0) {
          expect(() => passwordFor(policy, alphabet, [])).toThrow(/no password that keeps the policy/);
          return;
        }
        const text = passwordFor(policy, alphabet, ["operator"]).reveal();
        expect(text.length).toBeGreaterThanOrEqual(policy.minLength);
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(policy.maxLength);
        expect(text.split("").filter((c) => !alphabet.includes(c))).toEqual([]);
        for (const name of policy.needs) expect(matches[name](text, entry.symbols), `${name} in ${text}`).toBe(true);
        for (const word of [...policy.deny, "password", "operator"]) expect(text.toLowerCase()).not.toContain(word);
      }),
      { numRuns: 400 },
    );
  });

  it("is another one each time, of at least 128 bits where nothing is said, and begins with a letter", () => {
    const policy = Policy.parse({});
    const made = Array.from({ length: 100 }, () => passwordFor(policy, baseAlphabet, []).reveal());
    expect(new Set(made).size).toBe(100);
    expect(bitsOf(policy, baseAlphabet)).toBeGreaterThanOrEqual(128);
    for (const text of made) expect(text).toMatch(/^[A-Za-z][A-Za-z0-9]{31}$/);
    const withSymbols = Policy.parse({ needs: ["lower", "symbol"], symbols: "-_", minLength: 40 });
    expect(passwordFor(withSymbols, baseAlphabet, []).reveal()).toMatch(/^[a-z](?=[a-z]*[-_])[a-z_-]{39}$/);
  });

  it("has the symbols that its application counts, where they are not the usual ones", () => {
    const policy = Policy.parse({ needs: ["lower", "symbol"], symbols: "!@#$", minLength: 40 });
    const carried = (stores: readonly string[]): string =>
      alphabetFor([parseTemplate("{{password}}")], stores, policy.symbols);
    expect(passwordFor(policy, carried([]), []).reveal()).toMatch(/^[a-z](?=[a-z]*[!@#$])[a-z!@#$]{39}$/);
    expect(passwordFor(policy, carried([`${baseAlphabet}!`]), []).reveal()).toMatch(/^[a-z](?=[a-z]*!)[a-z!]{39}$/);
    expect(() => passwordFor(policy, carried([baseAlphabet]), [])).toThrow(/no password that keeps the policy/);
  });
});

describe("a password in use", () => {
  const policy = Policy.parse({ minLength: 10, needs: ["upper", "lower", "digit"], deny: ["acme"] });

  it.each([
    ["Short1", ["is shorter than 10 characters"]],
    ["lowercase-only", ["has no capital letter", "has no digit"]],
    ["Changeme123", ["holds a well-known default password"]],
    ["WeAreACME4ever", ["holds a denied word"]],
    ["Operator-is-1", ["holds the name of its account"]],
    [`Long1${"x".repeat(70)}`, ["is longer than 72 bytes"]],
    ["Quite-all-right-7", []],
  ])("%s: what is wrong with it is said without it", (text, wrong) => {
    expect(breaches(policy, new Secret(text), ["operator", "me"])).toEqual(wrong);
  });
});
