import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { FreshDatabase } from "../servers/fresh-database.ts";

/** What was handed in and must stand nowhere in clear, what stands somewhere for certain, and where to look. */
export type LeakSearch = {
  readonly secrets: readonly string[];
  /** A text that stands in the journal, by which is seen that the search finds what is there. */
  readonly known: string;
  readonly database: FreshDatabase;
  readonly folder: string;
  /** Where the credential is published, and the secret that is in use: it stands there. */
  readonly published: { readonly file: string; readonly secret: string };
  /** Everything that was said. */
  readonly said: readonly string[];
};

/** A sentence for each table, each file and each thing said that holds one of the secrets: as it is, in base64 or in hex. */
export async function leaked(search: LeakSearch): Promise<readonly string[]> {
  const { secrets, known, database, folder, published, said } = search;
  const found: string[] = [];
  const forms = secrets.flatMap(formsOf);
  const tables = await database.query(
    "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
  );
  let isKnownSeen = false;
  for (const { name } of tables) {
    const rows = await database.query(`SELECT t::text AS text FROM ${String(name)} t`);
    const text = rows.map((row) => String(row["text"])).join("\n");
    isKnownSeen ||= text.includes(known);
    if (forms.some((form) => text.includes(form))) found.push(`the table ${String(name)} holds what was handed in`);
  }
  if (!isKnownSeen) found.push("the search for what was handed in does not find what is there");
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const text = (await readFile(file).catch(() => Buffer.alloc(0))).toString("latin1");
    const allowed = file === published.file ? formsOf(published.secret) : [];
    if (forms.some((form) => text.includes(form) && !allowed.includes(form))) {
      found.push(`the file ${entry.name} holds what was handed in`);
    }
  }
  if (said.some((line) => forms.some((form) => line.includes(form)))) found.push("a worker said what was handed in");
  return found;
}

function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  return [secret, bytes.toString("base64").replace(/=+$/, ""), bytes.toString("base64url"), bytes.toString("hex")];
}
