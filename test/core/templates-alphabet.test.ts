import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { alphabetFor, baseAlphabet } from "../../src/core/templates/alphabet.ts";
import { generate } from "../../src/core/templates/generate.ts";
import { parseTemplate } from "../../src/core/templates/parse.ts";

describe("the alphabet of generated values", () => {
  it("is the base where nothing forbids a character", () => {
    expect(alphabetFor([parseTemplate("{{password}}")], [undefined])).toBe(baseAlphabet);
    expect(alphabetFor([], [])).toBe(baseAlphabet);
  });

  it("is what every store takes", () => {
    expect(alphabetFor([parseTemplate("{{password}}")], ["abcdefghijklmnopqrstuvwxyz-", undefined])).toBe(
      "abcdefghijklmnopqrstuvwxyz-",
    );
    expect(alphabetFor([], ["abcdefghijklmnopqrstuvwxyz-"])).toBe("abcdefghijklmnopqrstuvwxyz-");
  });

  it("leaves out what a template could not read back", () => {
    const template = parseTemplate("redis:6379,user={{username}},password={{password}}");
    expect(alphabetFor([template], [], ",;= ")).toBe(`${baseAlphabet};=`);
    expect(alphabetFor([parseTemplate("{{username}}:{{password}}")], [], ":")).toBe(baseAlphabet);
  });

  it("looks at what is written, not at what is meant", () => {
    const unreserved = parseTemplate("redis://u:{{password|url}}@h");
    expect(alphabetFor([unreserved], [`${baseAlphabet}:/@`], "!")).toBe(baseAlphabet);
    expect(() => alphabetFor([parseTemplate("{{password|base64}}")], [baseAlphabet])).toThrow(/leave 0 characters/);
  });

  it("is refused below sixteen characters", () => {
    expect(alphabetFor([], ["0123456789abcdef"])).toHaveLength(16);
    expect(() => alphabetFor([], ["0123456789abcde"])).toThrow(/leave 15 characters/);
  });
});

describe("a generated value", () => {
  it("has the entropy asked for, only characters of the alphabet, and begins with a letter", () => {
    const alphabets = fc.uniqueArray(fc.constantFrom(...baseAlphabet.split("")), { minLength: 16 });
    fc.assert(
      fc.property(alphabets, fc.integer({ min: 64, max: 512 }), (characters, bits) => {
        const value = generate(characters.join(""), bits).reveal();
        const letters = characters.filter((c) => /[A-Za-z]/.test(c));
        const firstOf = letters.length > 1 ? letters : characters;
        const entropy = Math.log2(firstOf.length) + (value.length - 1) * Math.log2(characters.length);
        expect(entropy).toBeGreaterThanOrEqual(bits);
        expect(entropy - Math.log2(characters.length)).toBeLessThan(bits);
        expect(value.split("").every((c) => characters.includes(c))).toBe(true);
        expect(firstOf).toContain(value[0]);
      }),
    );
  });

  it("is 43 characters long for 256 bits of the base alphabet, and another one each time", () => {
    const values = Array.from({ length: 200 }, () => generate(baseAlphabet).reveal());
    expect(new Set(values).size).toBe(200);
    expect(new Set(values.map((value) => value.length))).toEqual(new Set([43]));
  });

  it("uses each character about as often as any other", () => {
    const counts = new Map<string, number>();
    for (let i = 0; i < 100; i += 1) {
      for (const c of generate("0123456789abcdef", 2048).reveal()) counts.set(c, (counts.get(c) ?? 0) + 1);
    }
    const expected = [...counts.values()].reduce((sum, count) => sum + count, 0) / 16;
    for (const count of counts.values()) expect(Math.abs(count - expected)).toBeLessThan(expected * 0.15);
  });
});
