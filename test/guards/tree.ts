import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const root = join(import.meta.dirname, "../..");

export type TreeFile = { readonly path: string; readonly text: string };

/** Every file of the repository that git tracks or would track, as text, by path from the root. */
export function treeFiles(): readonly TreeFile[] {
  const argv = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const paths = execFileSync("git", argv, { cwd: root, encoding: "utf8", maxBuffer: 16 * 1024 * 1024 }).split("\0");
  return paths
    .filter((path) => path.length > 0 && existsSync(join(root, path)))
    .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}
