import { stat } from "node:fs/promises";
import type { Problem } from "./problem.ts";

/**
 * The catalog is trusted like code: nobody but its owner may write it. Undefined: that is so. Throws what the file system
 * throws when the file cannot be looked at.
 */
export async function checkFileMode(path: string): Promise<Problem | undefined> {
  const { mode } = await stat(path);
  if ((mode & 0o022) === 0) return undefined;
  const found = `mode ${(mode & 0o777).toString(8).padStart(3, "0")}`;
  const sentence = "others than its owner may write this file, and so decide what is rotated and by which commands";
  return {
    file: path,
    line: 1,
    column: 1,
    path: "",
    found,
    allowed: ["mode 644", "mode 600"],
    sentence,
    hint: `chmod go-w ${path}`,
  };
}
