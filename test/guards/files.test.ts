import { describe, expect, it } from "vitest";
import { treeFiles } from "./tree.ts";
import {
  defaultExports,
  leftOutTests,
  longFiles,
  silencers,
  strayPlaces,
  type TreeRule,
  unknownFolders,
  vagueNames,
} from "./tree-rules.ts";

const line = "export const a = 1;\n";

/** Each rule with files it must complain about and files it must not. The bad texts are in pieces: this file is read too. */
const rules: readonly {
  name: string;
  rule: TreeRule;
  bad: readonly [string, string][];
  good: readonly [string, string][];
}[] = [
  {
    name: "no file of the product or the sandbox is over 300 lines",
    rule: longFiles,
    bad: [
      ["src/core/long.ts", line.repeat(301)],
      ["sandbox/workspace/page/page.css", "a {}\n".repeat(301)],
    ],
    good: [
      ["src/core/full.ts", line.repeat(300)],
      ["test/core/long.test.ts", line.repeat(301)],
    ],
  },
  {
    name: "no folder or file has a name that says nothing",
    rule: vagueNames,
    bad: [
      ["src/core/utils/text.ts", line],
      ["test/helpers.ts", line],
      ["sandbox/common/a.ts", line],
      ["src/views/types.ts", line],
    ],
    good: [
      ["src/core/template-url.ts", line],
      ["docs/types.md", line],
      ["src/core/commonplace.ts", line],
    ],
  },
  {
    name: "src has the folders of the layout and no others",
    rule: unknownFolders,
    bad: [
      ["src/extra/a.ts", line],
      ["src/main.ts", line],
    ],
    good: [["src/bot/main.ts", line]],
  },
  {
    name: "nothing is exported as default",
    rule: defaultExports,
    bad: [
      ["src/core/a.ts", `${line}export default a;\n`],
      ["sandbox/page/a.js", `const a = 1;\nexport { a as default };\n`],
    ],
    good: [
      ["src/core/a.ts", line],
      ["vitest.config.ts", "export default {};\n"],
    ],
  },
  {
    name: "no check is switched off inside a file",
    rule: silencers,
    bad: ["oxlint-disable no-cycle", "eslint-disable", "@ts-ignore", "@ts-expect-error", "biome-ignore format: x"].map(
      (comment) => ["src/core/a.ts", `// ${comment}\n${line}`] as const satisfies [string, string],
    ),
    good: [["src/core/a.ts", line]],
  },
  {
    name: "no test is left out",
    rule: leftOutTests,
    bad: ["only", "skip", "todo"].map((word) => ["test/a.test.ts", `it.${word}("holds", () => {});\n`]),
    good: [["test/a.test.ts", 'it.skipIf(missing)("holds", () => {});\n']],
  },
  {
    name: "no file names the place it was written at",
    rule: strayPlaces,
    bad: [
      ["docs/a.md", `see ${["", "work", "main"].join("/")}\n`],
      ["docs/b.md", `cd ${["", "tmp", "keyturn"].join("/")}\n`],
      ["README.md", `fetched from registry.${"npmjs"}.org\n`],
      ["README.md", `an ${"ASSIS"}tant wrote this\n`],
    ],
    good: [["docs/a.md", "at home/work/desk, in /tmp/elsewhere, framework/work/\n"]],
  },
];

const repository = treeFiles();

describe.each(rules)("$name", ({ rule, bad, good }) => {
  it.each(bad)("complains about %s", (path, text) => {
    expect(rule([{ path, text }])).toHaveLength(1);
  });

  it.each(good)("accepts %s", (path, text) => {
    expect(rule([{ path, text }])).toEqual([]);
  });

  it("holds in this repository", () => {
    expect(rule(repository)).toEqual([]);
  });
});

it("the repository is read: its own guard is among the files", () => {
  expect(repository.map(({ path }) => path)).toContain("test/guards/tree-rules.ts");
});
