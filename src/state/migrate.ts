import { sql } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import { KeyturnError } from "../core/errors.ts";
import type { Database } from "./database.ts";
import { journal } from "./migrations/0001-journal.ts";
import { overtaken } from "./migrations/0002-overtaken.ts";
import { collects } from "./migrations/0003-collects.ts";

/** In the order they are run. One that was released is never edited; a change is a new file. */
const migrations: Record<string, Migration> = {
  "0001-journal": journal,
  "0002-overtaken": overtaken,
  "0003-collects": collects,
};

/**
 * Brings the schema `keyturn` up to date; several processes at once wait for each other. Throws
 * KeyturnError("schema_newer") when a newer Keyturn has been here, and else what went wrong.
 */
export async function migrate(database: Database): Promise<void> {
  refuseNewer(await done(database));
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

/**
 * Changes nothing: whoever only joins the database of a running bot must not bring its schema to another version under it.
 * Throws KeyturnError("schema_missing", "schema_older", "schema_newer").
 */
export async function expectMigrated(database: Database): Promise<void> {
  const names = await done(database);
  if (names.length === 0) {
    throw new KeyturnError("schema_missing", "no bot has used this database yet", {
      hint: "name the database of the bot with DATABASE_URL or KEYTURN_DATA; its first start makes the schema",
    });
  }
  refuseNewer(names);
  const missing = Object.keys(migrations).filter((name) => !names.includes(name));
  if (missing.length > 0) {
    throw new KeyturnError(
      "schema_older",
      `the database is that of an older Keyturn (it lacks ${missing.join(", ")}), and this command changes no schema`,
      { hint: "use the command line of the version that the bot runs, or start the bot of this version first" },
    );
  }
}

function refuseNewer(names: readonly string[]): void {
  const unknown = names.filter((name) => !(name in migrations));
  if (unknown.length > 0) {
    throw new KeyturnError(
      "schema_newer",
      `the database is that of a newer Keyturn (this one does not know ${unknown.join(", ")})`,
      { hint: "use the version that made it; there is no way back to an older schema" },
    );
  }
}

/** Names of the migrations that this database has seen. */
async function done(database: Database): Promise<readonly string[]> {
  return database.read(async (db) => {
    const table = "keyturn.kysely_migration";
    const { rows } = await sql<{ there: boolean }>`select to_regclass(${table}) is not null as there`.execute(db);
    if (rows[0]?.there !== true) return [];
    const names = await sql<{ name: string }>`select name from keyturn.kysely_migration order by name`.execute(db);
    return names.rows.map(({ name }) => name);
  });
}
