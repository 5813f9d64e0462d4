// npm test: the checks, then vitest. Output streams; the last line is `N passed, N failed, N skipped`, where a check
// counts as one test. Arguments go to vitest (`npm test -- test/core`).
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { tally } from "./tally.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const checks = [["biome", "ci", "."], ["tsc", "--noEmit"], ["oxlint"], ["knip", "--no-progress"]] as const;

/** The tools' first line says `env node`: that must be the pinned Node, also when npm did not start us. */
const env = { ...process.env, PATH: `${join(root, "node_modules", ".bin")}${delimiter}${process.env["PATH"] ?? ""}` };

const count = { passed: 0, failed: 0, skipped: 0 };
for (const [tool, ...args] of checks) {
  console.log(`\n> ${[tool, ...args].join(" ")}`);
  if ((await run(join(root, "node_modules", ".bin", tool), args)) === 0) count.passed += 1;
  else count.failed += 1;
}
const vitest = await runVitest(process.argv.slice(2));
for (const problem of vitest.problems) console.error(problem);
count.passed += vitest.passed;
count.failed += vitest.failed;
count.skipped += vitest.skipped;
console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
process.exitCode = count.failed === 0 ? 0 : 1;

async function runVitest(args: readonly string[]): Promise<ReturnType<typeof tally>> {
  console.log(`\n> vitest run ${args.join(" ")}`);
  const folder = mkdtempSync(join(tmpdir(), "keyturn-report-"));
  const report = join(folder, "vitest.json");
  try {
    const program = join(root, "node_modules", "vitest", "vitest.mjs");
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
    // A shared machine that pauses for seconds is no finding of ours; a test that fails twice in a row is.
    const retry = process.env["CI"] === "true" ? ["--retry=1"] : [];
    const code = await run(process.execPath, [program, "run", ...reporters, ...retry, ...args]);
    return tally(code, readIfThere(report));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Streams the program's output; resolves to its exit code, 128 + n when signal n ended it, 127 when it did not start. */
function run(program: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, env, stdio: "inherit" });
    child.on("error", (error) => {
      console.error(error.message);
      resolve(127);
    });
    child.on("close", (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
