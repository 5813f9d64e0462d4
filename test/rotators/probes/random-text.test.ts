import { expect, it } from "vitest";
import { alphabetFor, baseAlphabet } from "../../../src/core/templates/alphabet.ts";
import { parseTemplate } from "../../../src/core/templates/parse.ts";
import { randomText, symbolsOf, textFindings } from "../../../src/rotators/probes/random-text.ts";

it("asks for the characters of base64 that values are not usually made of, and makes none that a place cannot carry", () => {
  const template = [parseTemplate("{{key}}")];
  expect(symbolsOf("base64").split("").toSorted()).toEqual(["+", "/", "="]);
  const wide = alphabetFor(template, [], symbolsOf("base64"));
  expect(randomText("base64", 32, wide).reveal()).toMatch(/^[A-Za-z0-9+/]{43}=$/);
  expect(textFindings("base64", wide)).toEqual([]);

  const narrow = alphabetFor(template, [baseAlphabet], symbolsOf("base64"));
  expect(() => randomText("base64", 32, narrow)).toThrow(/cannot carry "\+" and "\/" and "="/);
  expect(textFindings("base64", narrow)).toMatchObject([{ severity: "error", code: "encoding_not_carried" }]);
  for (const encoding of ["hex", "base64url"] as const) expect(textFindings(encoding, narrow)).toEqual([]);
});
