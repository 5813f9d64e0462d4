import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { coverageProblems } from "./coverage-rows.ts";
import { root } from "./tree.ts";

const table = readFileSync(join(root, "docs/coverage.md"), "utf8");
const test = 'describe("redis", () => {\n  it("keeps both passwords", async () => {});\n});\n';
const title = ["keeps", "both", "passwords"].join(" ");

function readRepository(path: string): string | undefined {
  const file = join(root, path);
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

/** The real table with the row of one number replaced by `status`, against one invented test file. */
function problemsWith(number: number, status: string): readonly string[] {
  const row = new RegExp(`^(\\| ${number} \\|.*\\|) [^|]+ \\|$`, "m");
  const open = table.replaceAll(/\| [^|\n]+ \|$/gm, "| open |").replaceAll("| open |\n|---", "| Status |\n|---");
  return coverageProblems(open.replace(row, `$1 ${status} |`), (path) =>
    path === "test/rotators/redis.test.ts" ? test : undefined,
  );
}

describe("the coverage table", () => {
  it("has every row once, each open or shown by a test that exists", () => {
    expect(coverageProblems(table, readRepository)).toEqual([]);
  });

  it("accepts a test that exists, and several", () => {
    const proof = `\`test/rotators/redis.test.ts\` "${title}"`;
    expect(problemsWith(14, proof)).toEqual([]);
    expect(problemsWith(14, `${proof}<br>${proof}`)).toEqual([]);
  });

  it.each([
    ["a word that is no state", "done"],
    ["a file that does not exist", `\`test/rotators/gone.test.ts\` "${title}"`],
    ["a title that does not exist", '`test/rotators/redis.test.ts` "keeps one password"'],
    ["a part of a title", '`test/rotators/redis.test.ts` "keeps both"'],
    ["the title of a group", '`test/rotators/redis.test.ts` "redis"'],
    ["a file without a title", "`test/rotators/redis.test.ts`"],
    [
      "one of two that does not exist",
      `\`test/rotators/redis.test.ts\` "${title}"<br>\`test/gone.test.ts\` "${title}"`,
    ],
  ])("complains about %s", (_name, status) => {
    expect(problemsWith(14, status)).toHaveLength(1);
  });

  it("complains about a row that is missing, doubled or not on the list", () => {
    const lines = table.split("\n");
    const row = lines.find((line) => line.startsWith("| 7 |")) ?? "";
    const without = lines.filter((line) => line !== row).join("\n");
    expect(coverageProblems(without, readRepository)).toEqual(["row 7 stands 0 times"]);
    expect(coverageProblems(`${table}${row}\n`, readRepository)).toEqual(["row 7 stands 2 times"]);
    expect(coverageProblems(`${table}| 137 | more | the0 | open |\n`, readRepository)).toEqual([
      "row 137 is not on the list",
    ]);
  });
});
