import { readFile } from "node:fs/promises";
import { KeyturnError } from "../core/errors.ts";

/** The text of the catalog file. Throws KeyturnError("catalog_unreadable"). */
export async function readCatalogText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown";
    throw new KeyturnError("catalog_unreadable", `${file} cannot be read (${code})`, {
      hint: "name a file that this user can read",
      cause,
    });
  }
}
