import { createHash } from "node:crypto";
import { checkFileMode } from "../catalog/file-mode.ts";
import { loadCatalog } from "../catalog/load.ts";
import type { Problem } from "../catalog/problem.ts";
import { readCatalogText } from "../catalog/read-text.ts";
import { unsetReferences } from "../catalog/unset-references.ts";
import type { Catalog } from "../core/catalog.ts";
import type { Kinds } from "../core/kinds.ts";

/**
 * Reads the catalog file. Every mistake is returned at once, variables it refers to that are not among `references` too;
 * nobody but the file's owner may be able to write it. `digest`: SHA-256 of its bytes, in hexadecimal, as `sha256sum` prints it.
 * Throws KeyturnError("catalog_unreadable").
 */
export async function loadCatalogFile(
  file: string,
  kinds: Kinds,
  references: Readonly<Record<string, string | undefined>>,
): Promise<{ readonly catalog: Catalog; readonly digest: string } | { readonly problems: readonly Problem[] }> {
  const text = await readCatalogText(file);
  const loaded = loadCatalog(text, file, kinds);
  const mode = await checkFileMode(file);
  const problems = [
    ...(mode === undefined ? [] : [mode]),
    ...("problems" in loaded ? loaded.problems : []),
    ...unsetReferences(text, file, references),
  ];
  return problems.length > 0 || "problems" in loaded
    ? { problems }
    : { ...loaded, digest: createHash("sha256").update(text).digest("hex") };
}
