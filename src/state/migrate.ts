import { sql } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import { KeyturnError } from "../core/errors.ts";
import type { Database } from "./database.ts";
import { journal } from "./migrations/0001-journal.ts";
import { overtaken } from "./migrations/0002-overtaken.ts";

/** In the order they are run. One that was released is never edited; a change is a new file. */
const migrations: Record<string, Migration> = { "0001-journal": journal, "0002-overtaken": overtaken };

/** Brings the schema `keyturn` up to date; several processes at once wait for each other. Throws what went wrong. */
export async function migrate(database: Database): Promise<void> {
  await database.read(async (db) => {
    await sql`create schema if not exists keyturn`.execute(db);
    const migrator = new Migrator({
      db,
      provider: { getMigrations: () => Promise.resolve(migrations) },
      migrationTableSchema: "keyturn",
    });
    const { error } = await migrator.migrateToLatest();
    if (error !== undefined)
      throw error instanceof Error ? error : new KeyturnError("unexpected", "the migration failed");
  });
}
