import { randomUUID } from "node:crypto";
import { type Postgres, type PostgresOptions, startPostgres } from "./postgres.ts";
import { superuser } from "./postgres-data.ts";

export type FreshDatabase = AsyncDisposable & {
  /** The superuser's, for this database. */
  readonly url: string;
  readonly name: string;
  /** Shared with the other tests of this process: roles are common to all databases, so name them after the database. */
  readonly server: Postgres;
  /** Runs one statement as superuser in this database. */
  query(sql: string, parameters?: readonly unknown[]): Promise<Record<string, unknown>[]>;
};

const shared = new Map<PostgresOptions["version"], Promise<Postgres>>();

/**
 * A new empty database on a server that all tests of this process share (started at the first call, ended with the
 * process). Disposing drops it together with its connections. Default version 18.
 */
export async function freshDatabase(options: { readonly version?: 15 | 18 } = {}): Promise<FreshDatabase> {
  const version = options.version ?? 18;
  const starting = shared.get(version) ?? startPostgres({ version });
  shared.set(version, starting);
  const server = await starting;
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  await server.query(`CREATE DATABASE ${name}`);
  return {
    url: server.urlFor({ user: superuser.name, password: superuser.password, database: name }),
    name,
    server,
    query: (sql, parameters) => server.query(sql, parameters, name),
    [Symbol.asyncDispose]: async () => {
      await server.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
}
