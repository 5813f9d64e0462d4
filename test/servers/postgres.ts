import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import { serverFolder, writeServerFile } from "./own-folder.ts";
import { freePort } from "./port.ts";
import { type PostgresVersion, postgresBinaries } from "./postgres-binaries.ts";
import { newDataFolder, superuser } from "./postgres-data.ts";
import { releaseSharedMemory } from "./postgres-shared-memory.ts";
import { type Server, startServer } from "./server.ts";

export type PostgresOptions = {
  readonly version: PostgresVersion;
  /** Lines of pg_hba.conf, after one that always lets the superuser in. Default: SCRAM for everybody on 127.0.0.1. */
  readonly hba?: readonly string[];
  readonly createDatabases?: readonly string[];
  /** Every statement goes to the server's log (see logText). Default false. */
  readonly logStatements?: boolean;
  /** Further lines of postgresql.conf, after ours. */
  readonly config?: readonly string[];
};

export type Login = { readonly user: string; readonly password: string; readonly database?: string };

export type Postgres = Server & {
  readonly version: PostgresVersion;
  /** The superuser's, database `postgres`. */
  readonly url: string;
  readonly dataFolder: string;
  /** The file that logText() reads. */
  readonly logFile: string;
  /** The server's log, over restarts. */
  logText(): string;
  /** A URL with the given login (default database: `postgres`); its parts are percent-encoded. */
  urlFor(login: Login): string;
  /** Runs one statement as superuser on a connection of its own; returns its rows. */
  query(sql: string, parameters?: readonly unknown[], database?: string): Promise<Record<string, unknown>[]>;
};

/**
 * Starts a PostgreSQL on a free loopback port (no Unix socket), SCRAM only, without fsync; ends with `await using` or
 * stop(), which do not wait for clients.
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const port = await freePort();
  const folder = serverFolder(`postgres-${options.version}`);
  const dataFolder = newDataFolder(options.version, folder);
  const always = `host all ${superuser.name} 127.0.0.1/32 scram-sha-256`;
  writeServerFile(dataFolder, "pg_hba.conf", [always, ...(options.hba ?? ["host all all 127.0.0.1/32 scram-sha-256"])]);
  appendFileSync(join(dataFolder, "postgresql.conf"), `${settings(port, options).join("\n")}\n`);

  const urlFor = (login: Login): string =>
    `postgresql://${encodeURIComponent(login.user)}:${encodeURIComponent(login.password)}@127.0.0.1:${port}/${encodeURIComponent(login.database ?? "postgres")}`;
  const query: Postgres["query"] = (sql, parameters = [], database = "postgres") =>
    queryOnce(urlFor({ user: superuser.name, password: superuser.password, database }), sql, parameters);

  const server = await startServer({
    name: `postgres ${options.version}`,
    port,
    folder,
    command: join(postgresBinaries(options.version), "postgres"),
    args: ["-D", dataFolder],
    stopSignal: "SIGINT",
    answers: async () => (await query("SELECT 1")).length === 1,
  });
  for (const name of options.createDatabases ?? []) await query(`CREATE DATABASE ${quoteIdentifier(name)}`);
  return {
    ...server,
    version: options.version,
    url: urlFor({ user: superuser.name, password: superuser.password }),
    dataFolder,
    logFile: join(folder, "output.log"),
    logText: () => server.output(),
    urlFor,
    query,
    [Symbol.asyncDispose]: async () => {
      await server.stop();
      releaseSharedMemory(dataFolder);
      await server[Symbol.asyncDispose]();
    },
  };
}

/** An SQL identifier in double quotes. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Runs one statement on a connection of its own; a refused login rejects with pg's error (its `code` is the SQLSTATE). */
export async function queryOnce(
  url: string,
  sql: string,
  parameters: readonly unknown[] = [],
): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    const result = await client.query<Record<string, unknown>>(sql, [...parameters]);
    return result.rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

function settings(port: number, options: PostgresOptions): string[] {
  return [
    "listen_addresses = '127.0.0.1'",
    `port = ${port}`,
    "unix_socket_directories = ''",
    "password_encryption = 'scram-sha-256'",
    "fsync = off",
    "synchronous_commit = off",
    "full_page_writes = off",
    "shared_buffers = '16MB'",
    "max_connections = 200",
    "timezone = 'UTC'",
    "log_line_prefix = '%m %p %u@%d %e '",
    "log_connections = on",
    ...(options.logStatements === true ? ["log_statement = 'all'"] : []),
    ...(options.config ?? []),
  ];
}
