import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { edit, rawOf, valuesOf } from "../../../src/stores/env-file/edit.ts";
import { scan } from "../../../src/stores/env-file/scan.ts";
import { unfit } from "../../../src/stores/env-file/unfit.ts";
import { readValue, writeValue } from "../../../src/stores/env-file/value.ts";

describe("reading a value", () => {
  it.each([
    ["abc", "abc", true],
    ["", "", true],
    ["'a b # c'", "a b # c", true],
    ["'a$b'", "a$b", true],
    ['"a b"', "a b", true],
    ['"a\\nb"', "a\nb", true],
    ["'a\\nb'", "a\\nb", true],
    ['"a\\"b"', 'a"b', false],
    ["'it\\'s'", "it's", false],
    ["a#b", "a#b", false],
    ["a$b", "a$b", false],
    ['"a${B}c"', "a${B}c", false],
    ["`a`", "`a`", false],
  ])("reads %s as compose does, and knows whether everybody does", (raw, value, sure) => {
    expect(readValue(raw)).toMatchObject({ value, sure });
  });
});

describe("writing a value", () => {
  it.each([
    ["plain_text-1", "", "plain_text-1"],
    ["", "", ""],
    ["postgres://u:p%40@h:5432/db", "", "postgres://u:p%40@h:5432/db"],
    ["a b", "", "'a b'"],
    ["a$HOME", "", "'a$HOME'"],
    ["a$HOME", '"', "'a$HOME'"],
    ["#a", "", "'#a'"],
    ["it's", "", '"it\'s"'],
    ['say "x"', "", "'say \"x\"'"],
    ["back\\slash", "", "'back\\slash'"],
    ["two\nlines", "", '"two\\nlines"'],
    ["plain", '"', '"plain"'],
    ["plain", "'", "'plain'"],
    ["ends in \\", "", '"ends in \\\\"'],
    ["it's $5", "", '"it\'s \\$5"'],
    ["Grüße", "", "'Grüße'"],
  ] as const)("writes %j with the quotes %j there as %s", (value, quote, raw) => {
    expect(writeValue(value, quote)).toBe(raw);
  });

  it("reads back as what was written, whatever the value and whatever quotes stood there", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 40 }), fc.constantFrom("", "'", '"'), (value, quote) => {
        const raw = writeValue(value, quote);

        if (value.includes("\0")) expect(raw).toBeUndefined();
        else expect(readValue(raw ?? "none").value).toBe(value);
      }),
      { numRuns: 2_000 },
    );
  });

  it("lets every reader agree on values of the alphabet", () => {
    const character = fc.integer({ min: 32, max: 126 }).map((point) => String.fromCodePoint(point));
    const ours = character.filter((one) => one !== "'" && one !== "\\");
    fc.assert(
      fc.property(fc.string({ unit: ours, maxLength: 60 }), (value) => {
        expect(readValue(writeValue(value, "") ?? "none")).toEqual({ value, interpolated: false, sure: true });
      }),
      { numRuns: 1_000 },
    );
  });
});

const key = fc.constantFrom("A", "B", "OURS", "OTHER_1", "a.b");
const space = fc.constantFrom("", " ", "\t", "  ");
const inner = fc.string({
  unit: fc.constantFrom("a", "Z", "9", " ", "#", "=", ":", "$", "\\", "\u00c3\u00bc", "\u00a0", "/"),
  maxLength: 12,
});
const statement = fc.oneof(
  fc.tuple(key, inner).map(([name, value]) => `${name}=${value.replaceAll("\\", "")}`),
  fc
    .tuple(space, key, space, inner, space)
    .map(([a, name, b, value, c]) => `${a}${name}${b}=${c}'${value.replaceAll("\\", "")}' # why`),
  fc
    .tuple(key, inner, inner)
    .map(([name, a, b]) => `${name}="${a.replaceAll("\\", "")}\nOURS=inside\n${b.replaceAll("\\", "")}"`),
  fc.tuple(key, inner).map(([name, value]) => `export ${name}=${value}`),
  inner.map((text) => `# ${text} OURS=comment`),
  fc.constantFrom("", "   ", "no assignment at all", "bare", "OURSELVES=x", "NOT_OURS=y", "X: OURS=z"),
);
const file = fc.record({
  lines: fc.array(statement, { maxLength: 12 }),
  eol: fc.constantFrom("\n", "\r\n"),
  last: fc.boolean(),
  bom: fc.boolean(),
});
type FileParts = {
  readonly lines: readonly string[];
  readonly eol: string;
  readonly last: boolean;
  readonly bom: boolean;
};
const textOf = ({ lines, eol, last, bom }: FileParts): string =>
  (bom ? "\u00ef\u00bb\u00bf" : "") + lines.join("\n").replaceAll("\n", eol) + (last && lines.length > 0 ? eol : "");

const units = ["a", "9", " ", "#", "=", "\\n", "\\\\", "\\/", "\u00c3\u00bc", "\u00ff", "/"];
const single = fc.string({ unit: fc.constantFrom(...units, '"', '\\"', "\\'", "$", "\n"), maxLength: 12 });
const double = fc.string({ unit: fc.constantFrom(...units, "'", '\\"', "\\'", "\\$", "\\t", "\n"), maxLength: 12 });
/** A value as it may be written: without quotes, between single or double ones, with every escape, over several lines. */
const written = fc.oneof(
  inner.map((text) => text.trim()),
  single.map((text) => `'${text}'`),
  double.map((text) => `"${text}"`),
);
const gap = fc.record({ before: space, after: fc.constantFrom("", " ", "\t", " # why", '  # it\'s "so"') });

describe("editing a file", () => {
  it("changes nothing but our key: what is left of the file around it is byte for byte the same", () => {
    let edited = 0;
    fc.assert(
      fc.property(file, fc.string({ maxLength: 20 }), (parts, value) => {
        const text = textOf(parts);
        fc.pre(errors(text).length === 0 && !value.includes("\0"));
        edited += 1;

        const after = textAfter(text, new Map([["OURS", value]]));

        expect(valuesOf(after, ["OURS"]).get("OURS")).toBe(value);
        expect(errors(after)).toEqual([]);
        const [ours] = scan(text).statements.filter((one) => one.key === "OURS");
        if (ours === undefined) {
          expect(after.startsWith(text)).toBe(true);
        } else {
          expect(after.startsWith(text.slice(0, ours.valueStart))).toBe(true);
          expect(after.endsWith(text.slice(ours.valueEnd))).toBe(true);
        }
        expect(others(after)).toEqual(others(text));
      }),
      { numRuns: 3_000 },
    );
    expect(edited).toBeGreaterThan(1_000);
  });

  it("takes back what it added, byte for byte, and removes what was there with its line only", () => {
    fc.assert(
      fc.property(file, (parts) => {
        const text = textOf(parts);
        fc.pre(errors(text).length === 0);
        const removed = textAfter(text, new Map([["OURS", undefined]]));

        expect(valuesOf(removed, ["OURS"]).size).toBe(0);
        expect(others(removed)).toEqual(others(text));
        const added = textAfter(removed, new Map([["OURS", "new value"]]));
        expect(textAfter(added, new Map([["OURS", undefined]]))).toBe(removed);
      }),
      { numRuns: 2_000 },
    );
  });

  it("gives every byte back when the old value is put back as it was written, whatever quotes and escapes that were", () => {
    let rewritten = 0;
    fc.assert(
      fc.property(file, written, gap, fc.string({ maxLength: 20 }), (parts, raw, { before, after }, value) => {
        const eol = parts.eol;
        const text = `${textOf({ ...parts, last: true })}${eol}OURS${before}=${before}${raw}${after}${parts.last ? eol : ""}`;
        fc.pre(errors(text).length === 0 && !value.includes("\0"));
        const old = valuesOf(text, ["OURS"]).get("OURS");
        const forth = edit(text, new Map([["OURS", value]]));
        fc.pre(old !== undefined && "text" in forth);

        const back = edit("text" in forth ? forth.text : "", new Map([["OURS", old]]), rawOf(text, ["OURS"]));

        expect(back).toEqual({ text });
        const plainly = "text" in forth ? edit(forth.text, new Map([["OURS", old]])) : forth;
        if ("text" in plainly && plainly.text !== text) rewritten += 1;
      }),
      { numRuns: 4_000 },
    );
    expect(rewritten, "values that would have been quoted otherwise").toBeGreaterThan(100);
  });

  it("writes a value afresh when what was recorded reads as something else here", () => {
    const raw = rawOf("OURS=old\n", ["OURS"]);
    expect(edit("OURS=x\n", new Map([["OURS", "new"]]), raw)).toEqual({ text: "OURS=new\n" });
    // What was written without quotes and without a comment behind it would now take the comment in.
    expect(edit("OURS=x # why\n", new Map([["OURS", ""]]), rawOf("OURS=\n", ["OURS"]))).toEqual({
      text: "OURS='' # why\n",
    });
  });

  it("ends new lines as the file does, and gives the last line an end only where it had one", () => {
    const add = new Map([["OURS", "x"]]);
    expect(textAfter("", add)).toBe("OURS=x\n");
    expect(textAfter("A=1", add)).toBe("A=1\nOURS=x");
    expect(textAfter("A=1\r\nB=2\r\n", add)).toBe("A=1\r\nB=2\r\nOURS=x\r\n");
  });

  it("quotes an empty value before a comment or blanks, which would be taken for something else otherwise", () => {
    expect(textAfter("OURS=a # why\n", new Map([["OURS", ""]]))).toBe("OURS='' # why\n");
    expect(textAfter("OURS=a \r\n", new Map([["OURS", ""]]))).toBe("OURS='' \r\n");
    expect(textAfter("OURS=a\r\n", new Map([["OURS", ""]]))).toBe("OURS=\r\n");
    expect(textAfter("OURS=\r\n", new Map([["OURS", "a"]]))).toBe("OURS=a\r\n");
  });

  it("keeps blanks, quotes and the comment around a value", () => {
    const after = textAfter("  OURS =  'old'\t# since May\r\n", new Map([["OURS", "new"]]));

    expect(after).toBe("  OURS =  'new'\t# since May\r\n");
  });
});

describe("a file that is not fit to edit", () => {
  it.each([
    ["env_duplicate", "OURS=1\nA=2\nOURS=3\n"],
    ["env_export", "export OURS=1\n"],
    ["env_colon", "OURS: 1\n"],
    ["env_inherited", "A=1\nOURS\n"],
    ["env_interpolated", "OURS=postgres://${USER}@h\n"],
    ["env_interpolated", 'OURS="a$B"\n'],
    ["env_unreadable", "A='no end\nOURS=1\n"],
    ["env_unreadable", "A='x' OURS=1\nOURS=2\n"],
  ])("is found out: %s", (code, text) => {
    const findings = unfit("/etc/app/.env", text, ["OURS"]);

    expect(findings.map((finding) => finding.code)).toEqual([code]);
    expect(findings[0]?.sentence).toMatch(/line/);
  });

  it.each(["OURS=abc#def\n", "OURS='it\\'s'\n", 'OURS="a\\$b"\n'])(
    "is doubtful, and can still be edited: %j",
    (text) => {
      expect(unfit(".env", text, ["OURS"])).toMatchObject([{ severity: "warning", code: "env_ambiguous" }]);
    },
  );

  it("is fit when the same things are somebody else's", () => {
    const text = "export A=1\nA=2\nB: 3\nC\nD=$E\nF=a#b\nOURS=1\n";

    expect(unfit(".env", text, ["OURS", "NEW"])).toEqual([]);
    expect(unfit(".env", text, ["9LIVES"]).map(({ code }) => code)).toEqual(["env_key"]);
  });
});

function textAfter(text: string, patch: ReadonlyMap<string, string | undefined>): string {
  const result = edit(text, patch);
  if ("text" in result) return result.text;
  throw new Error(`${result.unstorable} could not be written`);
}

function errors(text: string): readonly unknown[] {
  return unfit(".env", text, ["OURS"]).filter(({ severity }) => severity === "error");
}

function others(text: string): readonly string[] {
  return scan(text)
    .statements.filter(({ key: name }) => name !== "OURS")
    .map(({ start, end }) => text.slice(start, end).replace(/\r?\n$/, ""));
}
