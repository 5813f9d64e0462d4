import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "../guards/tree.ts";
import { codesIn, passedOn } from "./error-codes.ts";
import { rowsFor, unexplained } from "./error-table.ts";
import { sources } from "./sources.ts";

const page = readFileSync(join(root, "docs/errors.md"), "utf8");
const rows = page.split("\n").filter((line) => line.startsWith("| `"));
const all = sources();

/** Errors of ours that pass a code on which stands in the table already, or is described above it. */
const known: Readonly<Record<string, readonly string[]>> = {
  "src/catalog/references.ts": ["code"],
  "src/consumers/kubernetes-workload/reload.ts": ["stopped.code"],
  "src/core/steps/publish-store.ts": ["refusal.code"],
  "src/core/steps/publish-stores.ts": ["code", "code", "code"],
  "src/core/steps/preflight.ts": ["problem.code"],
  "src/core/steps/settle.ts": ["error.code"],
  "src/core/templates.ts": ["result.code"],
  "src/rotators/redis-acl/reply-error.ts": ["code.toLowerCase(..."],
  "src/core/steps/collect.ts": ["code"],
  "src/stores/file/store.ts": ["problem.code"],
  "src/stores/kubernetes-secret-version/copy.ts": ["unfit.code"],
  "src/stores/kubernetes/store.ts": ["unfit.code"],
};

/** Holes with a telling name that hold no secret: names of fields, references and targets, and addresses without user info. */
const harmless = [
  '[...Object.keys(credential.public), ...Object.keys(credential.secret)].join(", ")',
  'login.password ?? "the reference"',
  "pgbouncer.url.label",
  "secret",
  'value === "" ? "empty" : "not set"',
  "whereTokens[variable]",
];

describe("docs/errors.md", () => {
  it("has every code of the source, with its sentences and hints, and no other (else: node test/docs/write-errors.ts)", () => {
    expect(rows).toEqual(rowsFor(all));
    expect(rows.length).toBeGreaterThan(100);
  });

  it("explains every code whose sentence is put together elsewhere", () => {
    expect(unexplained(all)).toEqual([]);
  });

  it("misses no error whose code is not written where it is thrown", () => {
    const found = all.flatMap(({ path, text }) => {
      const codes = passedOn(text);
      return codes.length === 0 ? [] : [[path, codes] as const];
    });
    expect(Object.fromEntries(found)).toEqual(known);
  });

  it("fills no sentence or hint with a secret", () => {
    const holes = all.flatMap(({ text }) => codesIn(text).flatMap((said) => said.holes));
    const telling = holes.filter((hole) => /reveal|password|secret|token|value|verifier|\bkey\.|url\b/i.test(hole));
    expect([...new Set(telling)].toSorted()).toEqual(harmless);
  });
});

describe("the reader of codes", () => {
  it.each([
    ['throw new GiveUp("gone", `no ${x}`, { hint: "look", cause });', "gone", "no …", "look"],
    ['return { severity: "error", code: "gone", sentence: "it is", hint: "look" };', "gone", "it is", "look"],
    ['const sentence = "it is";\nreturn { code: "gone", sentence };', "gone", "it is", ""],
    ['function no(code: string, s: string) {}\nno("gone", "it is");', "gone", "it is", ""],
    ['class A { constructor() { super("gone", "it is"); } }', "gone", "it is", ""],
    ['const r = /["`]/; throw new TryLater("gone", "it is");', "gone", "it is", ""],
  ])("finds it in %s", (source, code, sentence, hint) => {
    expect(codesIn(source)).toMatchObject([{ code, sentence, hint }]);
  });

  it("gives each of two codes its own sentence, and leaves a compared text out", () => {
    const source = 'const r = { code: x === "b" ? "one" : "two", sentence: x === "b" ? "first" : "second" };';
    expect(codesIn(source)).toMatchObject([
      { code: "one", sentence: "first" },
      { code: "two", sentence: "second" },
    ]);
  });

  it.each(["// code: 'gone'", '/* new GiveUp("gone") */', 'fn("gone", "it is");', 'const t = `code: "gone"`;'])(
    "finds none in %s",
    (source) => {
      expect(codesIn(source)).toEqual([]);
    },
  );

  it("notices a code that is missing, one that is stale, and another sentence", () => {
    const one = { path: "src/core/a.ts", text: 'throw new GiveUp("gone", "it is");' };
    const other = { path: "src/core/b.ts", text: 'throw new GiveUp("there", "it was");' };
    expect(rowsFor([one, other])).not.toEqual(rowsFor([one]));
    expect(rowsFor([{ ...one, text: one.text.replace("it is", "it was") }])).not.toEqual(rowsFor([one]));
    expect(unexplained([{ path: "src/core/c.ts", text: 'throw new GiveUp("new_one", words);' }])).toContain(
      "new_one has no sentence",
    );
  });
});
