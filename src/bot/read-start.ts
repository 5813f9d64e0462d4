import type { Catalog } from "../core/catalog.ts";
import { explain } from "../core/errors.ts";
import type { Kinds } from "../core/kinds.ts";
import { readFolders, readReferences, readSettings, type Settings } from "./config.ts";
import { kindsFor } from "./kinds.ts";
import { loadCatalogFile } from "./load-catalog.ts";

/** What the bot is started from. */
export type Start = { readonly settings: Settings; readonly kinds: Kinds; readonly catalog: Catalog };

/**
 * Reads the environment and the catalog. All that is missing or wrong is named at once: variables, the catalog's mistakes, and
 * variables that it refers to.
 */
export async function readStart(
  env?: Readonly<Record<string, string | undefined>>,
): Promise<Start | { readonly problems: readonly string[] }> {
  const read = readSettings(env);
  const kinds = kindsFor(readFolders(env));
  const loaded = await catalogOf(env, kinds);
  const missing = "missing" in read ? read.missing.map(({ sentence, hint }) => `${sentence}\n    ${hint}`) : [];
  if ("missing" in read || loaded === undefined || "problems" in loaded) {
    return { problems: [...missing, ...(loaded !== undefined && "problems" in loaded ? loaded.problems : [])] };
  }
  return { settings: read.settings, kinds, catalog: loaded.catalog };
}

/** Undefined: no file is named. */
async function catalogOf(
  env: Readonly<Record<string, string | undefined>> | undefined,
  kinds: Kinds,
): Promise<{ readonly catalog: Catalog } | { readonly problems: readonly string[] } | undefined> {
  const { catalogFile = "", env: references } = readReferences(env);
  if (catalogFile === "") {
    return undefined;
  }
  try {
    const loaded = await loadCatalogFile(catalogFile, kinds, references);
    return "problems" in loaded
      ? {
          problems: loaded.problems.map(
            ({ file, line, column, sentence, found, hint }) =>
              `${file}:${String(line)}:${String(column)} ${sentence}: ${found}\n    ${hint}`,
          ),
        }
      : loaded;
  } catch (error) {
    const { sentence, hint = "" } = explain(error);
    return { problems: [`KEYTURN_CATALOG: ${sentence}\n    ${hint}`] };
  }
}
