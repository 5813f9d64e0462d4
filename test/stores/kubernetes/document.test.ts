import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { editField, readField } from "../../../src/stores/kubernetes/document.ts";

const yaml = `# written by hand\r
database:   # the main one\r
    host: db\r
    password:  old   # since May\r
    options: { ssl: true, key: 'a b' }\r
\r
list:\r
- name: one\r
  key: "first"\r
- name: two\r
  key: second\r
pem: |\r
  -----BEGIN-----\r
  abc\r
empty: {}\r
count: 7\r
none:\r
anchored: &a x\r
alias: *a`;

const tabbed =
  '{\n\t"database": {\n\t\t"password": "old",\n\t\t"port": 5432\n\t},\n\t"empty": {  },\n\t"list": [ "a" ]\n}\n';
const compact = '{"database":{"password":"old","port":5432}}';

describe("reading a field of a document", () => {
  it.each([
    [yaml, ["database", "password"], "old"],
    [yaml, ["database", "options", "key"], "a b"],
    [yaml, ["list", "1", "key"], "second"],
    [yaml, ["database", "none"], undefined],
    [tabbed, ["database", "password"], "old"],
    [compact, ["database", "password"], "old"],
  ])("finds it %#", (text, path, value) => {
    expect(readField(text, path)).toEqual({ value });
  });

  it.each([
    [yaml, ["count"], "does not hold text"],
    [yaml, ["none"], "does not hold text"],
    [yaml, ["alias"], "alias"],
    [yaml, ["anchored"], "anchor"],
    [yaml, ["missing", "key"], "no mapping at /missing"],
    [tabbed, ["list", "0"], "item of a list"],
    ["a: 1\na: 2\n", ["a"], "neither YAML nor JSON (DUPLICATE_KEY at line 2)"],
    ["a: x\n---\na: y\n", ["a"], "one document"],
    ["secret-value: [", ["a"], "neither YAML nor JSON"],
    ["just text", ["a"], "is an item of a list, or of nothing"],
  ])("says why it cannot: %#", (text, path, problem) => {
    const read = readField(text, path);
    expect("problem" in read && read.problem).toContain(problem);
    expect(JSON.stringify(read)).not.toContain("secret-value");
  });
});

describe("editing a field of a document", () => {
  it.each([
    [yaml, ["database", "password"], "new", "password:  old ", "password:  new "],
    [yaml, ["database", "password"], "a: #b", "password:  old ", 'password:  "a: #b" '],
    [yaml, ["database", "password"], "123", "password:  old ", 'password:  "123" '],
    [yaml, ["database", "password"], "true", "password:  old ", 'password:  "true" '],
    ...["yes", "Off", "y", "1_000", "12:30:45", "0b11", "2026-11-21"].map(
      (value): [string, string[], string, string, string] => [
        yaml,
        ["database", "password"],
        value,
        "password:  old ",
        `password:  "${value}" `,
      ],
    ),
    [yaml, ["database", "password"], "yes-and-no", "password:  old ", "password:  yes-and-no "],
    ["a: x\n", ["b"], "no", "a: x\n", 'a: x\nb: "no"\n'],
    [yaml, ["pem"], "-----BEGIN-----\nxyz\n", "  abc\r\n", "  xyz\r\n"],
    [yaml, ["pem"], "one\n\nthree\n", "  -----BEGIN-----\r\n  abc\r\n", "  one\r\n\r\n  three\r\n"],
    [yaml, ["pem"], "\u0007\n", "pem: |\r\n  -----BEGIN-----\r\n  abc\r\n", 'pem: "\\a\\n"\r\n'],
    [yaml, ["database", "options", "key"], "it's", "'a b'", "'it''s'"],
    [yaml, ["list", "0", "key"], 'q"', '"first"', '"q\\""'],
    [yaml, ["list", "1", "key"], "2nd", "key: second", "key: 2nd"],
    [tabbed, ["database", "password"], 'n"\u00fc', '"old"', '"n\\"\u00fc"'],
    [compact, ["database", "password"], "new", '"old"', '"new"'],
  ])("changes it and nothing else %#", (text, path, value, before, after) => {
    expect(edited(text, path, value)).toBe(text.replace(before, after));
  });

  it("writes a text of several lines where one stood", () => {
    const text = edited(yaml, ["pem"], "-----BEGIN-----\nxyz\n");

    expect(readField(text, ["pem"])).toEqual({ value: "-----BEGIN-----\nxyz\n" });
    expect(text.slice(0, text.indexOf("pem"))).toBe(yaml.slice(0, yaml.indexOf("pem")));
    expect(text.slice(text.indexOf("empty"))).toBe(yaml.slice(yaml.indexOf("empty")));
  });

  it.each([
    [yaml, ["database", "added"]],
    [yaml, ["database", "options", "added"]],
    [yaml, ["list", "0", "added"]],
    [yaml, ["list", "1", "added"]],
    [yaml, ["empty", "added"]],
    [yaml, ["top key"]],
    [tabbed, ["database", "added"]],
    [tabbed, ["empty", "added"]],
    [compact, ["added"]],
    ["a: x", ["b"]],
    ["a: |\n  x\n\n# end\n", ["b"]],
  ])("adds it, and takes it away again byte for byte %#", (text, path) => {
    for (const value of ["new", "7", 'a: "b"\nc', ""]) {
      const added = edited(text, path, value);
      expect(readField(added, path)).toEqual({ value });
      expect(edited(added, path, undefined)).toBe(text);
    }
  });

  it("gives the bytes of a block of lines back, with the ends that they had", () => {
    for (const text of [yaml, yaml.replaceAll("\r\n", "\n")]) {
      const next = edited(text, ["pem"], "one\n\nthree");
      expect(edited(next, ["pem"], "-----BEGIN-----\nabc\n")).toBe(text);
    }
  });

  it("takes many aliases, and says so where they stand for too much", () => {
    const many = `x: &x [1]\na: old\nl:\n${"  - *x\n".repeat(150)}`;
    expect(edited(many, ["a"], "new")).toBe(many.replace("old", "new"));
    const levels = [1, 2, 3, 4, 5, 6, 7, 8].map(
      (level) => `a${level}: &a${level} [${Array.from({ length: 9 }, () => `*a${level - 1}`).join(", ")}]\n`,
    );
    expect(editField(`a0: &a0 [x]\n${levels.join("")}a: old\n`, ["a"], "new")).toEqual({
      problem: expect.stringContaining("aliases"),
    });
  });

  it("keeps the last key of a mapping, which would become nothing without it", () => {
    expect(editField("a:\n  b: x\n", ["a", "b"], undefined)).toHaveProperty("problem");
    expect(editField("list:\n- key: x\n  b: y\n", ["list", "0", "key"], undefined)).toHaveProperty("problem");
  });

  it("reads back what it wrote and changes no other field, whatever is written", () => {
    const value = fc.string({
      unit: fc.constantFrom(...Array.from("aZ0 :#\"'\\\n\t{}[],&*!|>%@`-\u00fc\u{1f511}")),
      maxLength: 12,
    });
    let written = 0;
    fc.assert(
      fc.property(value, fc.constantFrom(yaml, tabbed, compact), (text, document) => {
        const result = editField(document, ["database", "password"], text);
        if ("problem" in result) return;
        written += 1;
        expect(readField(result.text, ["database", "password"])).toEqual({ value: text });
        expect(rest(result.text)).toBe(rest(document));
      }),
      { numRuns: 600 },
    );
    expect(written).toBe(600);
  });
});

function edited(text: string, path: readonly string[], value: string | undefined): string {
  const result = editField(text, path, value);
  if ("text" in result) return result.text;
  throw new Error(result.problem);
}

/** What stands behind the field, and before it. */
function rest(text: string): string {
  const at = text.search(/password/);
  return text.slice(0, at) + text.slice(text.search(/(?: {3}# since|,\n?\s*"port)/));
}
