import type { Postgres } from "./postgres.ts";

/** The role by which PgBouncer asks for other roles' verifiers; it may do nothing else. */
export const lookupUser = { name: "pgbouncer_lookup", secret: "lookup-of-a-test" } as const;

/** Creates the role and, in each database, the SECURITY DEFINER function that auth_query calls. May run twice. */
export async function installLookup(postgres: Postgres, databases: readonly string[]): Promise<void> {
  const found = await postgres.query("SELECT 1 FROM pg_roles WHERE rolname = $1", [lookupUser.name]);
  if (found.length === 0) await postgres.query(`CREATE ROLE ${lookupUser.name} LOGIN PASSWORD '${lookupUser.secret}'`);
  for (const database of databases) {
    for (const statement of statements) await postgres.query(statement, [], database);
  }
}

const statements = [
  "CREATE SCHEMA IF NOT EXISTS pgbouncer",
  `CREATE OR REPLACE FUNCTION pgbouncer.lookup(IN wanted text, OUT name text, OUT secret text) RETURNS record
     LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog
     AS $$ SELECT rolname::text, rolpassword FROM pg_authid WHERE rolname = wanted AND rolcanlogin $$`,
  "REVOKE ALL ON FUNCTION pgbouncer.lookup(text) FROM PUBLIC",
  `GRANT USAGE ON SCHEMA pgbouncer TO ${lookupUser.name}`,
  `GRANT EXECUTE ON FUNCTION pgbouncer.lookup(text) TO ${lookupUser.name}`,
] as const;
