import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { edit, valuesOf } from "../../../src/stores/pgbouncer-userlist/edit.ts";
import { scan } from "../../../src/stores/pgbouncer-userlist/scan.ts";
import { unfit } from "../../../src/stores/pgbouncer-userlist/unfit.ts";

const verifier =
  "SCRAM-SHA-256$4096:QSXCR+Q6sek8bf92sBf2/A==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";

describe("reading a userlist", () => {
  it.each([
    ['"app" "x"', "x"],
    ['  "app"\t "x"  ; not ours', "x"],
    ['"app" "a""b"', 'a"b'],
    ['"app" ""', ""],
    [`"app" "${verifier}"`, verifier],
    ['"app" "x" "third column"', "x"],
    ['"app" "x"trailing', "x"],
  ])("reads %s", (text, secret) => {
    expect(valuesOf(text, ["app"]).get("app")).toBe(secret);
  });

  it("takes no user out of a comment, and tells users by their whole name", () => {
    const text = ';"app" "x"\n"app_a" "y"\n"a""pp" "z"\n';

    expect([...valuesOf(text, ["app", "app_a", 'a"pp'])]).toEqual([
      ["app_a", "y"],
      ['a"pp', "z"],
    ]);
  });
});

describe("editing a userlist", () => {
  const text = '; by hand\n"app_a" "one" ; since May\n\n"other" "his"';

  it("changes the secret and nothing else", () => {
    expect(after(text, { app_a: verifier })).toBe(text.replace("one", verifier));
    expect(after(text, { app_a: 'a"b' })).toBe(text.replace("one", 'a""b'));
    expect(after(text, { app_a: "one" })).toBe(text);
  });

  it("adds a user at the end as the file ends, and takes the line away again", () => {
    const added = after(text, { app_b: "two" });

    expect(added).toBe(`${text}\n"app_b" "two"`);
    expect(after(added, { app_b: undefined })).toBe(text);
    expect(after("", { 'a"b': "x" })).toBe('"a""b" "x"\n');
    expect(after('"a" "b"\r\n', { c: "d" })).toBe('"a" "b"\r\n"c" "d"\r\n');
  });

  it.each(["two\nlines", "carriage\rreturn", "nul\0"])(
    "does not write a secret that would end the line: %j",
    (secret) => {
      expect(edit(text, new Map([["app_a", secret]]))).toEqual({ unstorable: "app_a" });
      expect(edit(text, new Map([["new", secret]]))).toEqual({ unstorable: "new" });
    },
  );

  it("keeps every other line byte for byte and reads back what it wrote, whatever stands there", () => {
    const word = fc.string({ unit: fc.constantFrom("a", "Z", '"', " ", ";", "$", "\u00fc", "\\"), maxLength: 8 });
    const bytes = (value: string): string => Buffer.from(value.replaceAll('"', '""'), "utf8").toString("latin1");
    const line = fc.oneof(
      fc.tuple(fc.constantFrom("ours", "other", 'qu"oted'), word).map(([u, s]) => `"${bytes(u)}" "${bytes(s)}"`),
      fc.tuple(word, word).map(([a, b]) => `  "x${bytes(a)}"\t "${bytes(b)}" ; ours "ours" "no"`),
      word.map((comment) => `; ${bytes(comment)} "ours" "no"`),
      fc.constantFrom("", "  \t"),
    );
    const file = fc.record({
      lines: fc.array(line, { maxLength: 8 }),
      eol: fc.constantFrom("\n", "\r\n"),
      last: fc.boolean(),
    });
    let edited = 0;
    fc.assert(
      fc.property(file, word, ({ lines, eol, last }, secret) => {
        const before = lines.join(eol) + (last && lines.length > 0 ? eol : "");
        fc.pre(unfit("f", before, ["ours"]).length === 0);
        edited += 1;

        const now = after(before, { ours: secret });

        expect(valuesOf(now, ["ours"]).get("ours")).toBe(secret);
        expect(unfit("f", now, ["ours"])).toEqual([]);
        expect(others(now)).toEqual(others(before));
        const removed = after(before, { ours: undefined });
        expect(after(after(removed, { ours: secret }), { ours: undefined })).toBe(removed);
      }),
      { numRuns: 2_000 },
    );
    expect(edited).toBeGreaterThan(500);
  });
});

describe("a userlist that is not fit to edit", () => {
  it.each([
    ["userlist_duplicate", '"app" "1"\n"app" "2"\n'],
    ["userlist_unreadable", 'app "1"\n'],
    ["userlist_unreadable", '"app"\n'],
    ["userlist_unreadable", '"app""1"\n'],
    ["userlist_unreadable", '"app" "1\n'],
    ["userlist_unreadable", "# a comment of another kind of file\n"],
  ])("is found out: %s", (code, text) => {
    expect(unfit("/etc/users.txt", text, ["app"])).toMatchObject([
      { severity: "error", code, sentence: expect.stringMatching(/line/) },
    ]);
  });

  it.each(["", "a\nb", "x".repeat(64)])("has no user called %j", (key) => {
    expect(unfit("f", "", [key]).map(({ code }) => code)).toEqual(["userlist_user"]);
  });
});

function after(text: string, patch: Readonly<Record<string, string | undefined>>): string {
  const result = edit(text, new Map(Object.entries(patch)));
  if ("text" in result) return result.text;
  throw new Error(`${result.unstorable} could not be written`);
}

function others(text: string): readonly string[] {
  const ours = scan(text).users.find(({ user }) => user === "ours");
  const rest = ours === undefined ? text : text.slice(0, ours.start) + text.slice(ours.end);
  return rest.split(/\r?\n/).filter((line) => line !== "");
}
