import { renameSync } from "node:fs";
import { join } from "node:path";
import { serverFolder, writeServerFile } from "./own-folder.ts";
import { installLookup, lookupUser } from "./pgbouncer-lookup.ts";
import { freePort } from "./port.ts";
import { type Login, type Postgres, queryOnce } from "./postgres.ts";
import { program } from "./program.ts";
import { type Server, startServer } from "./server.ts";

export type PgBouncerOptions = {
  readonly postgres: Postgres;
  /** auth_query: logins are looked up in PostgreSQL by a SECURITY DEFINER function; auth_file: in `users`. */
  readonly mode: "auth_query" | "auth_file";
  /** Databases of the server behind it, under their own names. */
  readonly databases: readonly string[];
  /** For auth_file: name and secret (plain text, or the SCRAM verifier byte for byte as in pg_authid). */
  readonly users?: readonly FileUser[];
  /** Default `session`. */
  readonly poolMode?: "session" | "transaction";
  /** Further lines of the [pgbouncer] section, after ours. */
  readonly config?: readonly string[];
};

export type FileUser = { readonly name: string; readonly secret: string };

export type PgBouncer = Server & {
  readonly authFile: string;
  /** A URL through PgBouncer with the given login; its parts are percent-encoded. */
  urlFor(login: Login & { readonly database: string }): string;
  /** Who may use the console. */
  readonly admin: FileUser;
  /** The console's URL (database `pgbouncer`), as an administrator. */
  readonly consoleUrl: string;
  /** Runs one console command (`SHOW POOLS`, `RELOAD`); returns its rows. */
  console(command: string): Promise<Record<string, unknown>[]>;
  /** Replaces the users of auth_file, in one rename; in force after `RELOAD`. The administrator stays. */
  writeUsers(users: readonly FileUser[]): void;
};

const admin = { name: "console_admin", secret: "console-of-a-test" } as const;

/** Starts a PgBouncer (SCRAM) in front of a PostgreSQL for tests, on a free loopback port. */
export async function startPgBouncer(options: PgBouncerOptions): Promise<PgBouncer> {
  if (options.mode === "auth_query") await installLookup(options.postgres, options.databases);
  const port = await freePort();
  const folder = serverFolder("pgbouncer");
  const fixed = options.mode === "auth_query" ? [admin, lookupUser] : [admin];
  const writeUsers = (users: readonly FileUser[]): void => {
    const fresh = writeServerFile(folder, "users.new", [...fixed, ...users].map(line));
    renameSync(fresh, join(folder, "users.txt"));
  };
  writeUsers(options.users ?? []);
  const configFile = writeServerFile(folder, "pgbouncer.ini", settings(options, port, join(folder, "users.txt")));
  const urlFor = (login: Login): string =>
    `postgresql://${encodeURIComponent(login.user)}:${encodeURIComponent(login.password)}@127.0.0.1:${port}/${encodeURIComponent(login.database ?? "")}`;
  const consoleUrl = urlFor({ user: admin.name, password: admin.secret, database: "pgbouncer" });
  const server = await startServer({
    name: "pgbouncer",
    port,
    folder,
    command: program("pgbouncer"),
    args: [configFile],
    stopSignal: "SIGTERM",
    answers: async () => (await queryOnce(consoleUrl, "SHOW VERSION")).length === 1,
  });
  return {
    ...server,
    authFile: join(folder, "users.txt"),
    urlFor,
    admin,
    consoleUrl,
    console: (command) => queryOnce(consoleUrl, command),
    writeUsers,
  };
}

function settings(options: PgBouncerOptions, port: number, authFile: string): string[] {
  const target = `host=127.0.0.1 port=${options.postgres.port}`;
  return [
    "[databases]",
    ...options.databases.map((name) => `${name} = ${target} dbname=${name}`),
    "[pgbouncer]",
    "listen_addr = 127.0.0.1",
    `listen_port = ${port}`,
    "unix_socket_dir =",
    "auth_type = scram-sha-256",
    `auth_file = ${authFile}`,
    ...(options.mode === "auth_query"
      ? [`auth_user = ${lookupUser.name}`, "auth_query = SELECT name, secret FROM pgbouncer.lookup($1)"]
      : []),
    `admin_users = ${admin.name}`,
    `pool_mode = ${options.poolMode ?? "session"}`,
    "ignore_startup_parameters = extra_float_digits",
    ...(options.config ?? []),
  ];
}

/** One line of auth_file; a quote is doubled. */
function line(user: FileUser): string {
  return `"${user.name.replaceAll('"', '""')}" "${user.secret.replaceAll('"', '""')}"`;
}
