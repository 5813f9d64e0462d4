import { randomBytes } from "node:crypto";
import pg from "pg";
import { freePort } from "./port.ts";
import { startServer } from "./postgres-server.ts";
import type { Issuer } from "./target.ts";

/**
 * The demo shop's own PostgreSQL: an owner that nobody logs in with, two login roles of which one is in use, and an
 * administrator for Keyturn with exactly the privileges that its preflight asks for. Listens on loopback, on a free port.
 * `from`: further networks whose clients may log in.
 */
export async function startPostgres(folder: string, from: readonly string[] = []): Promise<Issuer> {
  const port = await freePort();
  const root = { user: "root_of_the_demo", password: secret() };
  const stop = await startServer(`${folder}/shop-postgres`, port, root, from);
  const first = secret();
  const admin = secret();
  await run(`postgresql://${root.user}:${root.password}@127.0.0.1:${port}/postgres`, [
    "CREATE ROLE shop_owner NOLOGIN",
    `CREATE ROLE shop_a LOGIN INHERIT PASSWORD '${first}' IN ROLE shop_owner`,
    "CREATE ROLE shop_b NOLOGIN INHERIT IN ROLE shop_owner",
    "ALTER ROLE shop_a SET role TO shop_owner",
    "ALTER ROLE shop_b SET role TO shop_owner",
    `CREATE ROLE keyturn LOGIN CREATEROLE PASSWORD '${admin}'`,
    "GRANT shop_a, shop_b TO keyturn WITH ADMIN TRUE, INHERIT FALSE, SET FALSE",
    "GRANT pg_signal_backend, pg_read_all_stats TO keyturn",
    "CREATE DATABASE shop OWNER shop_owner",
  ]);
  const urlOf = (user: string, password: string) => `postgresql://${user}:${password}@127.0.0.1:${port}/shop`;
  return {
    kind: "postgres",
    variable: "DATABASE_URL",
    firstUrl: urlOf("shop_a", first),
    template: `postgresql://{{username|url}}:{{password|url}}@127.0.0.1:${port}/shop`,
    rotator: {
      kind: "postgres-role",
      url: `postgresql://127.0.0.1:${port}/shop`,
      admin: { username: "keyturn", password: "env:DEMO_ADMIN_POSTGRES" },
      roles: ["shop_a", "shop_b"],
      owner: "shop_owner",
    },
    adminPassword: admin,
    cut: async () => {
      const next = secret();
      await run(`postgresql://${root.user}:${root.password}@127.0.0.1:${port}/postgres`, [
        `ALTER ROLE shop_a PASSWORD '${next}'`,
      ]);
      return urlOf("shop_a", next);
    },
    stop,
  };
}

async function run(url: string, statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements) {
      await client.query(statement);
    }
  } finally {
    await client.end();
  }
}

function secret(): string {
  return randomBytes(18).toString("hex");
}
