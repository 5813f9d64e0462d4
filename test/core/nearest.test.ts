import fc from "fast-check";
import { expect, it } from "vitest";
import { damerauLevenshtein, nearest } from "../../src/core/nearest.ts";

it.each([
  ["aprovals", "approvals"],
  ["appovrals", "approvals"],
  ["Policy", "policy"],
  ["xyz", undefined],
  ["", undefined],
] as const)("%s is meant as %s", (word, meant) => {
  expect(nearest(word, ["policy", "approvals", "publish"])).toBe(meant);
});

it("a swap of neighbours counts once, and the distance is symmetric", () => {
  expect(damerauLevenshtein("ab", "ba")).toBe(1);
  expect(damerauLevenshtein("kitten", "sitting")).toBe(3);
  expect(damerauLevenshtein("", "abc")).toBe(3);
  const word = fc.string({ maxLength: 8 });
  fc.assert(fc.property(word, word, (a, b) => damerauLevenshtein(a, b) === damerauLevenshtein(b, a)));
  fc.assert(fc.property(word, word, (a, b) => (damerauLevenshtein(a, b) === 0) === (a === b)));
});
