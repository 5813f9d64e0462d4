import { randomUUID } from "node:crypto";
import { Client } from "pg";
import type { Credential } from "../../../src/core/credential.ts";
import { Secret } from "../../../src/core/secret.ts";
import { postgresRole } from "../../../src/rotators/postgres-role/rotator.ts";
import type { RotatorWorld } from "../../contract/rotator.ts";
import { wireThrough } from "../../contract/wire-through.ts";
import { type Postgres, queryOnce } from "../../servers/postgres.ts";
import { superuser } from "../../servers/postgres-data.ts";

type Options = {
  readonly mode: "dual" | "single";
  readonly servers: readonly Postgres[];
  /** What applications connect to; the admin always uses `postgres`. */
  readonly database?: string;
  readonly entry?: Readonly<Record<string, unknown>>;
};

/** Names of one world. Roles are shared by all databases of a server, so every world has its own. */
export type Names = {
  readonly a: string;
  readonly b: string;
  readonly owner: string;
  readonly admin: string;
  readonly stranger: string;
};

export const alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789-_";
const passwords = {
  current: "Canary-of-the-current-1",
  admin: "Canary-of-the-admin-2",
  stranger: "Canary-of-a-stranger-3",
};

/** A target on real servers: an owner, two roles (a in use) or one, an admin with exactly the privileges that preflight asks for. */
export async function makeWorld(options: Options): Promise<RotatorWorld & { readonly names: Names }> {
  const tag = randomUUID().slice(0, 8);
  const names = {
    a: `app_${tag}_a`,
    b: `app_${tag}_b`,
    owner: `own_${tag}`,
    admin: `adm_${tag}`,
    stranger: `str_${tag}`,
  };
  for (const server of options.servers) await setUp(server, names, options.mode);
  const gateways = await wireThrough(
    "postgres",
    options.servers.map(({ port }) => port),
  );
  const bound = postgresRole.bind({
    kind: "postgres-role",
    servers: gateways.ports.map((port) => `postgresql://127.0.0.1:${port}/${options.database ?? "postgres"}`),
    admin: { username: names.admin, password: "env:PG_ADMIN", database: "postgres" },
    ...(options.mode === "dual" ? { roles: [names.a, names.b], owner: names.owner } : { role: names.a }),
    ...options.entry,
  });
  const [first] = options.servers;
  if (first === undefined) throw new Error("a world needs a server");
  return {
    names,
    bound,
    resolve: async () => new Secret(passwords.admin),
    current: fields(names.a, passwords.current),
    foreign: fields(names.stranger, passwords.stranger),
    alphabet,
    canaries: [passwords.admin, passwords.stranger],
    wire: gateways.wire,
    strangers: async () => JSON.stringify(await Promise.all(options.servers.map((server) => others(server, names)))),
    login: (credential) => stayConnected(first, credential),
    loginAs: (credential, sessionName) => stayConnected(first, credential, "postgres", sessionName),
    weaken: async () => {
      for (const server of options.servers) await server.query(`ALTER ROLE ${names.admin} NOCREATEROLE`);
    },
    close: async () => {
      await gateways.close();
      for (const server of options.servers) await tearDown(server, names);
    },
  };
}

export const superuserFields = {
  public: { username: superuser.name },
  secret: { password: new Secret(superuser.password) },
};

export function fields(username: string, password: string): Pick<Credential, "public" | "secret"> {
  return { public: { username }, secret: { password: new Secret(password) } };
}

/** What the set-up guide tells a person to run, as one. */
async function setUp(server: Postgres, names: Names, mode: "dual" | "single"): Promise<void> {
  const sql = [
    `CREATE ROLE ${names.owner} NOLOGIN`,
    `CREATE ROLE ${names.a} LOGIN PASSWORD '${passwords.current}'`,
    `COMMENT ON ROLE ${names.a} IS 'the shop'`,
    `CREATE ROLE ${names.stranger} LOGIN PASSWORD '${passwords.stranger}'`,
    `CREATE ROLE ${names.admin} LOGIN CREATEROLE PASSWORD '${passwords.admin}'`,
    `GRANT pg_signal_backend, pg_read_all_stats TO ${names.admin}`,
    ...(mode === "dual"
      ? [
          `CREATE ROLE ${names.b} NOLOGIN`,
          `GRANT ${names.owner} TO ${names.a}, ${names.b}`,
          `ALTER ROLE ${names.a} SET role TO ${names.owner}`,
          `ALTER ROLE ${names.b} SET role TO ${names.owner}`,
        ]
      : []),
    ...(server.version >= 16
      ? (mode === "dual" ? [names.a, names.b] : [names.a]).map(
          (role) => `GRANT ${role} TO ${names.admin} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`,
        )
      : []),
  ];
  await server.query(sql.join(";"));
}

async function tearDown(server: Postgres, names: Names): Promise<void> {
  const roles = Object.values(names);
  await server.query("SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity WHERE usename = ANY($1)", [roles]);
  for (const role of [names.a, names.b, names.admin, names.owner, names.stranger]) {
    const found = await server.query("SELECT 1 FROM pg_roles WHERE rolname = $1", [role]);
    if (found.length > 0) await server.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
  }
}

/** Every role but a and b, with all that makes it up. */
function others(server: Postgres, names: Names): Promise<unknown> {
  return server.query(
    `SELECT r.*, shobj_description(r.oid, 'pg_authid') AS comment FROM pg_authid r WHERE rolname = ANY($1) ORDER BY oid`,
    [[names.owner, names.admin, names.stranger, superuser.name]],
  );
}

/** Logs in as an application does and stays. */
export async function stayConnected(
  server: Postgres,
  credential: Pick<Credential, "public" | "secret">,
  database = "postgres",
  sessionName = "shop",
): Promise<{ close: () => Promise<void>; query: Client["query"] }> {
  const connectionString = server.urlFor({
    user: credential.public["username"] ?? "",
    password: credential.secret["password"]?.reveal() ?? "",
    database,
  });
  const client = new Client({ connectionString, application_name: sessionName });
  client.on("error", () => undefined);
  await client.connect();
  return { query: client.query.bind(client), close: () => client.end().catch(() => undefined) };
}

/** One login and one statement as somebody. */
export function as(
  server: Postgres,
  credential: Pick<Credential, "public" | "secret">,
  sql: string,
  database = "postgres",
): Promise<Record<string, unknown>[]> {
  return queryOnce(
    server.urlFor({
      user: credential.public["username"] ?? "",
      password: credential.secret["password"]?.reveal() ?? "",
      database,
    }),
    sql,
  );
}
