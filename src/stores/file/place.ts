import { createHash } from "node:crypto";
import type { Stats } from "node:fs";
import { constants } from "node:fs";
import { open, readFile, realpath, stat } from "node:fs/promises";
import { basename, dirname, relative } from "node:path";
import { GiveUp } from "../../core/errors.ts";

/** The real file behind a configured path, as it is now. `text` is its bytes as latin1. */
export type Place = {
  readonly path: string;
  readonly folder: string;
  readonly name: string;
  readonly stats: Stats;
  readonly text: string;
  readonly version: string;
  /** A mount point (a bind-mounted single file): it cannot be replaced by a rename, only written in place. */
  readonly mounted: boolean;
};

/**
 * Follows links and reads the file.
 *
 * @throws GiveUp store_missing; file_outside when the real file lies in none of `roots`; file_not_readable; file_not_a_file
 */
export async function placeOf(file: string, roots: readonly string[]): Promise<Place> {
  const path = await realFile(file);
  if (!(await isInside(roots, path))) {
    throw new GiveUp("file_outside", `${file} is ${path}, which lies in no folder that may be edited`, {
      hint: roots.length === 0 ? "no folder is allowed" : `allowed are ${roots.join(", ")}`,
    });
  }
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch((cause: unknown) => {
    throw new GiveUp("file_not_readable", `${path} could not be opened`, { cause, hint: "run Keyturn as its owner" });
  });
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw new GiveUp("file_not_a_file", `${path} is no regular file`);
    const text = await handle.readFile("latin1");
    const folder = dirname(path);
    const mounted = stats.dev !== (await stat(folder)).dev || (await mountPoints()).has(path);
    return { path, folder, name: basename(path), stats, text, version: versionOf(text), mounted };
  } finally {
    await handle.close();
  }
}

/** Names a content without showing it: enough to notice any other writer. */
export function versionOf(text: string): string {
  return createHash("sha256").update(text, "latin1").digest("hex").slice(0, 12);
}

async function realFile(file: string): Promise<string> {
  try {
    return await realpath(file);
  } catch (cause) {
    throw new GiveUp("store_missing", `${file} does not exist or cannot be reached`, { cause });
  }
}

async function isInside(roots: readonly string[], path: string): Promise<boolean> {
  for (const root of roots) {
    const real = await realpath(root).catch(() => undefined);
    if (real === undefined) continue;
    const inside = relative(real, path);
    if (inside !== "" && inside !== ".." && !inside.startsWith("../")) return true;
  }
  return false;
}

/** Linux lists them in /proc/self/mountinfo, fifth column, with octal escapes. Elsewhere only another device tells. */
async function mountPoints(): Promise<ReadonlySet<string>> {
  const table = await readFile("/proc/self/mountinfo", "utf8").catch(() => "");
  const decode = (text: string): string =>
    text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCodePoint(Number.parseInt(octal, 8)));
  return new Set(table.split("\n").map((line) => decode(line.split(" ")[4] ?? "")));
}
