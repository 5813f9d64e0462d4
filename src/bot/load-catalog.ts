import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { checkFileMode } from "../catalog/file-mode.ts";
import { loadCatalog } from "../catalog/load.ts";
import type { Problem } from "../catalog/problem.ts";
import type { Catalog } from "../core/catalog.ts";
import type { Kinds } from "../core/kinds.ts";

/**
 * Reads the catalog file. Every mistake is returned at once; nobody but the file's owner may be able to write it. `digest`:
 * SHA-256 of its bytes, in hexadecimal, as `sha256sum` prints it.
 */
export async function loadCatalogFile(
  file: string,
  kinds: Kinds,
): Promise<{ readonly catalog: Catalog; readonly digest: string } | { readonly problems: readonly Problem[] }> {
  const text = await readFile(file, "utf8");
  const loaded = loadCatalog(text, file, kinds);
  const mode = await checkFileMode(file);
  if (mode === undefined) {
    return "problems" in loaded ? loaded : { ...loaded, digest: createHash("sha256").update(text).digest("hex") };
  }
  return { problems: [mode, ...("problems" in loaded ? loaded.problems : [])] };
}
