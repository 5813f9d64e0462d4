import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, it } from "vitest";
import { z } from "zod";
import { canonicalJson, digestOf } from "../../src/core/canonical.ts";
import { Secret } from "../../src/core/secret.ts";

const json = fc.jsonValue({ noUnicodeString: false }).map((value) => z.json().parse(JSON.parse(JSON.stringify(value))));

it("says the same as the value, whatever the order of the keys", () => {
  fc.assert(
    fc.property(json, (value) => {
      expect(JSON.parse(canonicalJson(value))).toEqual(value);
      expect(canonicalJson(z.json().parse(reversed(value)))).toBe(canonicalJson(value));
    }),
  );
  expect(canonicalJson({ b: [1, -0, 1e30], a: { "€": null, d: true, "\n": "é" } })).toBe(
    '{"a":{"\\n":"é","d":true,"€":null},"b":[1,0,1e+30]}',
  );
});

it("differs as soon as anything differs", () => {
  const digests = [{}, [], null, "", 0, { a: 1 }, { a: "1" }, { b: 1 }, [{ a: 1 }], { a: null }].map(digestOf);
  expect(new Set(digests).size).toBe(digests.length);
  expect(digestOf({ a: 1 })).toBe(createHash("sha256").update('{"a":1}').digest("hex"));
});

it("takes nothing that would be left out or is not plain", () => {
  const unchecked = (value: unknown): string => Reflect.apply(canonicalJson, undefined, [value]);
  for (const value of [Number.NaN, Infinity, { a: undefined }, [undefined], new Date(0), new Secret("x"), new Map()]) {
    expect(() => unchecked(value)).toThrow(TypeError);
    expect(() => unchecked({ deep: [value] })).toThrow(TypeError);
  }
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, member]) => [key, reversed(member)]),
  );
}
