import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";

const root = join(import.meta.dirname, "../..");
const ours = [".oxlintrc.json", "tsconfig.json", "package.json", "test/guards/house-rules.js"];
const Report = z.object({
  diagnostics: z.array(z.object({ filename: z.string(), code: z.string().optional(), message: z.string() })),
});

export type Finding = { readonly code: string; readonly message: string };

/**
 * Writes `files` (path to source) into a temporary folder beside this repository's own lint configuration, runs the
 * real linter there once, and answers what it found per path. The folder is removed. Throws when the linter did not run.
 */
export async function lintTree(files: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, readonly Finding[]>> {
  const tree = await mkdtemp(join(tmpdir(), "keyturn-lint-"));
  try {
    for (const [path, source] of files) await write(join(tree, path), source);
    for (const path of ours) {
      await mkdir(dirname(join(tree, path)), { recursive: true });
      await copyFile(join(root, path), join(tree, path));
    }
    await symlink(join(root, "node_modules"), join(tree, "node_modules"));
    return byPath(Report.parse(JSON.parse(await lint(tree))));
  } finally {
    await rm(tree, { recursive: true });
  }
}

async function write(path: string, source: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, source);
}

/** Exit code 1 means "found something": the report is what counts, so only a run without a report is a failure. */
async function lint(cwd: string): Promise<string> {
  const argv = [join(root, "node_modules/oxlint/bin/oxlint"), "--format", "json"];
  const run = promisify(execFile)(process.execPath, argv, { cwd, maxBuffer: 64 * 1024 * 1024 });
  try {
    return (await run).stdout;
  } catch (error) {
    const failed = z.object({ stdout: z.string().startsWith("{"), code: z.literal(1) }).safeParse(error);
    if (failed.success) return failed.data.stdout;
    throw error;
  }
}

function byPath({ diagnostics }: z.infer<typeof Report>): ReadonlyMap<string, readonly Finding[]> {
  const found = new Map<string, Finding[]>();
  for (const { filename, code, message } of diagnostics) {
    const list = found.get(filename) ?? [];
    found.set(filename, [...list, { code: code ?? "none", message }]);
  }
  return found;
}
