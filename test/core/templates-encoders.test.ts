import { execFileSync } from "node:child_process";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { Format } from "../../src/core/target.ts";
import { encoderNames, encoders, isEncoder } from "../../src/core/templates/encoders.ts";
import { formats } from "../../src/core/templates/formats.ts";

const anyText = fc.string({ unit: "binary", maxLength: 60 }).filter((text) => !text.includes("\0"));
const nasty = [
  "",
  " ",
  "'",
  '"',
  "\\",
  "'; rm",
  "$(x)`y`",
  "a\nb",
  "yes",
  "0123",
  "1e5",
  "~",
  "- a",
  "a: b",
  "a #b",
  "é\u2028\ufeff",
  "%",
  "+/=",
];

describe.each(encoderNames)("%s", (name) => {
  if (!isEncoder(name)) throw new Error(name);
  const { encode, decode, alphabet } = encoders[name];

  it("gives every text back", () => {
    for (const text of nasty) expect(decode(encode(text))).toBe(text);
    fc.assert(fc.property(anyText, (text) => decode(encode(text)) === text));
  });

  it("produces only characters of its alphabet", () => {
    fc.assert(
      fc.property(anyText, (text) =>
        encode(text)
          .split("")
          .every((c) => alphabet?.includes(c) ?? true),
      ),
    );
  });

  it("reads anything without throwing", () => {
    fc.assert(fc.property(anyText, (text) => ["string", "undefined"].includes(typeof decode(text))));
  });
});

describe("what others read is what was meant", () => {
  it("yaml, inside of a mapping and by a YAML parser", () => {
    const asYaml = (text: string): unknown => parse(`a: ${encoders.yaml.encode(text)}\nb: 1\n`, { version: "1.1" });
    for (const text of nasty) expect(asYaml(text)).toEqual({ a: text, b: 1 });
    fc.assert(fc.property(anyText, (text) => isDeepStrictEqual(asYaml(text), { a: text, b: 1 })));
  });

  it("shell, by sh", () => {
    const texts = [...nasty, ...fc.sample(anyText, 50)].filter((text) => !text.includes("\r"));
    const script = texts.map((text) => `v=${encoders.shell.encode(text)}; printf '%s\\0' "$v"`).join("\n");
    const out = execFileSync("/bin/sh", { input: script, env: { LC_ALL: "C.UTF-8" } }).toString("utf8");
    expect(out.split("\0").slice(0, -1)).toEqual(texts);
  });

  it("url, by WHATWG URL in user info, path and query", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const encoded = encoders.url.encode(text);
        const url = new URL(`redis://u:${encoded}@h/p?q=${encoded}`);
        expect(decodeURIComponent(url.password)).toBe(text);
        expect(url.searchParams.get("q")).toBe(text);
      }),
    );
  });
});

describe("other ways to write the same are read, and what is not one value is refused", () => {
  it.each([
    ["ado", "'a''b'", "a'b"],
    ["ado", " bare ", "bare"],
    ["ado", '"open', undefined],
    ["ado", "a;b", undefined],
    ["libpq", "a\\ b", "a b"],
    ["libpq", "a b", undefined],
    ["libpq", "'open", undefined],
    ["shell", "a\\ b\"c\\$d\"'e'", "a bc$de"],
    ["shell", "$HOME", undefined],
    ["shell", '"$HOME"', undefined],
    ["shell", "a b", undefined],
    ["yaml", "'it''s'", "it's"],
    ["yaml", '"\\x41"', undefined],
    ["yaml", "*alias", undefined],
    ["yaml", "[a]", undefined],
    ["pgpass", "a\\:b\\\\c", "a:b\\c"],
    ["pgpass", "a:b", undefined],
    ["pgpass", "a\\n", undefined],
    ["base64", "YQ", undefined],
    ["base64", "/w==", undefined],
    ["url", "%zz", undefined],
    ["json", 'a"b', undefined],
  ] as const)("%s %s", (name, raw, value) => {
    expect(encoders[name].decode(raw)).toBe(value);
  });
});

describe("a text that was made to be slow", () => {
  const units = [
    " ",
    '"',
    "'",
    "\\",
    "a=",
    "a='",
    "a;",
    "#",
    'a: "\\',
    "=",
    "a,",
    '"\\"',
    "- ",
    "[",
    '{"a":',
    "@",
    "\n",
    " =",
    "\t",
    " #",
  ];

  // Work that grows with the square of these lengths takes hours, not seconds: the test's time-out is the judge.
  it.each(Object.keys(formats))("is read in linear time as %s", (name) => {
    const rule = formats[Format.parse(name)];
    for (const unit of units) {
      for (const start of ["", "x", "k: ", "k=", "redis://"]) {
        const text = start + unit.repeat(100_000);
        rule.tokens(text);
        rule.scalar?.decode(text);
        rule.scalar?.skip(text, 0);
      }
    }
  });
});
