import { readFolders } from "../bot/config.ts";
import { kindsFor } from "../bot/kinds.ts";
import { checkFileMode } from "../catalog/file-mode.ts";
import { loadCatalog } from "../catalog/load.ts";
import type { Problem } from "../catalog/problem.ts";
import { readCatalogText } from "../catalog/read-text.ts";
import { complain, count, line } from "./output.ts";
import { readWords } from "./words.ts";

/** `keyturn check FILE`: every mistake at once, with its place. 0: none, 1: some. */
export async function check(args: readonly string[]): Promise<number> {
  const { words } = readWords(args, { usage: "check FILE", words: [1, 1] });
  const [file = ""] = words;
  const loaded = loadCatalog(await readCatalogText(file), file, kindsFor(readFolders()));
  const mode = await checkFileMode(file);
  const problems = [...("problems" in loaded ? loaded.problems : []), ...(mode === undefined ? [] : [mode])];
  if (problems.length > 0 || "problems" in loaded) {
    problems.forEach(show);
    complain(count(problems.length, "mistake"));
    return 1;
  }
  const { targets, policies } = loaded.catalog;
  const found = [count(targets.length, "target"), count(Object.keys(policies).length, "policy", "policies")];
  line(`${file}: ${found.join(", ")}, no mistake`);
  return 0;
}

/** Prints one mistake: where, what is wrong, what was found, what is allowed, what to do. */
export function show({ file, line: at, column, path, sentence, found, allowed, hint }: Problem): void {
  complain(`${file}:${String(at)}:${String(column)} ${path === "" ? "" : `${path}: `}${sentence}`);
  if (found !== undefined && found.length > 0) {
    complain(`  found ${found}${allowed.length > 0 ? `; allowed: ${allowed.join(", ")}` : ""}`);
  }
  if (hint !== undefined && hint.length > 0) {
    complain(`  ${hint}`);
  }
}
