import { Kysely, PostgresDialect, sql, type Transaction } from "kysely";
import pg from "pg";
import type { Log } from "./log.ts";
import type { Tables } from "./tables.ts";
import { databaseError } from "./unreachable.ts";

/** Where the database is: a connection string, or the fields of one. `password` as a function keeps it out of the object. */
export type Connection = Pick<
  pg.PoolConfig,
  "connectionString" | "host" | "port" | "user" | "database" | "password" | "ssl" | "max"
>;

/**
 * The pool. `read` is one statement or several that need no common view; `write` is one transaction at READ COMMITTED,
 * committed when `work` returns. Both turn what the driver throws into KeyturnErrors (see `unreachable.ts`).
 */
export type Database = {
  readonly read: <T>(work: (db: Kysely<Tables>) => Promise<T>) => Promise<T>;
  readonly write: <T>(work: (db: Transaction<Tables>) => Promise<T>) => Promise<T>;
  readonly close: () => Promise<void>;
};

/** The database's clock, cut to the milliseconds that are stored: to be read, and to be written. */
export const clock = sql<Date>`date_trunc('milliseconds', clock_timestamp())`;
export const clockValue = sql<string>`date_trunc('milliseconds', clock_timestamp())`;

/** Opens no connection yet. Statements end after 10 s, waits for a lock after 5 s, silent transactions after 15 s. */
export function openDatabase(connection: Connection, log: Log): Database {
  const pool = new pg.Pool({
    max: 10,
    ...connection,
    application_name: "keyturn",
    connectionTimeoutMillis: 5_000,
    statement_timeout: 10_000,
    lock_timeout: 5_000,
    idle_in_transaction_session_timeout: 15_000,
    query_timeout: 12_000,
    keepAlive: true,
    // A committed append has survived a crash, whatever this server does by default.
    options: "-c synchronous_commit=on",
  });
  pool.on("error", (error) => log.warn({ code: databaseError(error).code }, "an idle database connection was lost"));
  // One that breaks while it is in use fails what runs on it, and says so here too; unheard, that ends the process.
  pool.on("connect", (client) => client.on("error", () => undefined));
  const kysely = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) }).withSchema("keyturn");
  return {
    read: (work) => translated(work(kysely)),
    write: (work) => translated(kysely.transaction().execute(work)),
    close: () => kysely.destroy(),
  };
}

async function translated<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw databaseError(error);
  }
}
