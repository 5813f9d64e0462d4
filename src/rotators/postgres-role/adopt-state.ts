import { z } from "zod";
import type { Context } from "../../core/ports.ts";
import { openAdmin } from "./admin.ts";
import { defaultPrivileges, grantsOfOthers } from "./adopt-grants.ts";
import { membershipsOf, settingsOf } from "./adopt-role.ts";
import { type Address, type PostgresRoleConfig, rolesOf, serversOf } from "./config.ts";
import type { Line } from "./line.ts";
import { factsOf } from "./role-facts.ts";

/** What one database has of the role. `grants` and `defaults` are commands without the semicolon. */
export type AdoptDatabase = {
  readonly name: string;
  readonly owned: number;
  readonly grants: readonly string[];
  readonly defaults: readonly string[];
  readonly policies: readonly string[];
  readonly userMappings: number;
  readonly schemaOfOwnName: boolean;
};

/** Everything that the way to two roles depends on; no secrets. */
export type AdoptState = {
  readonly version: number;
  readonly database: string;
  readonly admin: string;
  readonly role: string;
  readonly other: string;
  readonly owner: string;
  readonly roleExists: boolean;
  readonly otherExists: boolean;
  readonly ownerExists: boolean;
  readonly superuser: boolean;
  readonly roleInherits: boolean;
  readonly roleIsMember: boolean;
  readonly otherIsMember: boolean;
  readonly actingAsOwner: readonly string[];
  readonly adminMayChange: readonly string[];
  /** Attributes that membership does not pass on, such as " CREATEDB". */
  readonly attributes: string;
  /** GRANT commands for the owner, and `SET name TO value` for the second role. */
  readonly memberships: readonly string[];
  readonly settings: readonly string[];
  readonly databases: readonly AdoptDatabase[];
};

/** Reads the real state of the first server. Changes nothing. Names that the entry does not give are made from the role's. */
export async function readAdoptState(config: PostgresRoleConfig, context: Context): Promise<AdoptState> {
  const [server] = serversOf(config);
  const [role = "", second] = rolesOf(config);
  const other = second ?? `${role}_b`;
  const owner = config.owner ?? `${role}_owner`;
  if (server === undefined) throw new Error("the entry names no server");
  return inDatabase(config, context, server, async (line) => {
    const facts = new Map((await factsOf(line, [role, other], owner)).map((fact) => [fact.name, fact]));
    const [general] = await line.rows(generalRow, "look at the role", generalSql, [role, owner]);
    const names = await line.rows(z.object({ name: z.string() }), "look for its databases", databasesSql, [role]);
    const databases: AdoptDatabase[] = [];
    for (const { name } of names) {
      databases.push(
        await inDatabase(config, context, { ...server, database: name }, (inside) =>
          lookInside(inside, name, role, owner),
        ),
      );
    }
    const having = (what: "acts_as_owner" | "changeable"): string[] =>
      [role, other].filter((name) => facts.get(name)?.[what] === true);
    return {
      version: general?.version ?? 0,
      database: server.database,
      admin: config.admin.username,
      role,
      other,
      owner,
      roleExists: facts.has(role),
      otherExists: facts.has(other),
      ownerExists: general?.owner_exists === true,
      superuser: facts.get(role)?.superuser === true,
      roleInherits: general?.inherits !== false,
      roleIsMember: facts.get(role)?.member === true,
      otherIsMember: facts.get(other)?.member === true,
      actingAsOwner: having("acts_as_owner"),
      adminMayChange: having("changeable"),
      attributes: general?.attributes ?? "",
      memberships: await membershipsOf(line, role, owner),
      settings: await settingsOf(line, role, other),
      databases: facts.has(role) ? databases : [],
    };
  });
}

const generalRow = z.object({
  version: z.int(),
  owner_exists: z.boolean(),
  inherits: z.boolean().nullable(),
  attributes: z.string().nullable(),
});
const generalSql = `
  SELECT current_setting('server_version_num')::int / 10000 AS version, EXISTS (SELECT FROM pg_roles WHERE rolname = $2) AS owner_exists,
    r.rolinherit AS inherits,
    concat(CASE WHEN r.rolcreatedb THEN ' CREATEDB' END, CASE WHEN r.rolcreaterole THEN ' CREATEROLE' END,
      CASE WHEN r.rolbypassrls THEN ' BYPASSRLS' END, CASE WHEN r.rolreplication THEN ' REPLICATION' END) AS attributes
  FROM (SELECT 1) AS one LEFT JOIN pg_roles r ON r.rolname = $1`;

/** Databases where the role owns or may do anything; the connected one where that is known of the server as a whole only. */
const databasesSql = `
  SELECT DISTINCT coalesce(d.datname, current_database())::text AS name FROM pg_shdepend p LEFT JOIN pg_database d ON d.oid = p.dbid
  WHERE p.refclassid = 'pg_authid'::regclass AND p.refobjid = (SELECT oid FROM pg_roles WHERE rolname = $1)
    AND coalesce(d.datallowconn, true) ORDER BY 1`;

const insideRow = z.object({ owned: z.int(), mappings: z.int(), schema: z.boolean(), policies: z.array(z.string()) });
const insideSql = `
  WITH mine AS (SELECT p.* FROM pg_shdepend p WHERE p.refclassid = 'pg_authid'::regclass AND p.refobjid = $1::text::regrole
    AND p.dbid IN (0, (SELECT oid FROM pg_database WHERE datname = current_database())))
  SELECT (SELECT count(*)::int FROM mine WHERE deptype = 'o' AND classid NOT IN ('pg_default_acl'::regclass, 'pg_user_mapping'::regclass)) AS owned,
    (SELECT count(*)::int FROM mine WHERE deptype = 'o' AND classid = 'pg_user_mapping'::regclass) AS mappings,
    EXISTS (SELECT FROM pg_namespace WHERE nspname = $2) AND NOT EXISTS (SELECT FROM pg_db_role_setting, unnest(setconfig) AS setting
      WHERE setrole = $1::text::regrole AND setting LIKE 'search_path=%'
        AND setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))) AS schema,
    ARRAY(SELECT polname::text FROM pg_policy WHERE $1::text::regrole = ANY(polroles) ORDER BY 1) AS policies`;

async function lookInside(line: Line, name: string, role: string, owner: string): Promise<AdoptDatabase> {
  const command = z.object({ sql: z.string() });
  const quoted = await quotedRole(line, role);
  const [inside] = await line.rows(insideRow, "look into a database", insideSql, [quoted, role]);
  const grants = await line.rows(command, "look at privileges", grantsOfOthers, [quoted, owner]);
  const defaults = await line.rows(command, "look at default privileges", defaultPrivileges, [quoted, owner]);
  return {
    name,
    owned: inside?.owned ?? 0,
    grants: grants.map(({ sql }) => sql),
    defaults: defaults.map(({ sql }) => sql),
    policies: inside?.policies ?? [],
    userMappings: inside?.mappings ?? 0,
    schemaOfOwnName: inside?.schema === true,
  };
}

/** regrole reads its text as an identifier. */
async function quotedRole(line: Line, role: string): Promise<string> {
  const [row] = await line.rows(z.object({ name: z.string() }), "quote a name", "SELECT quote_ident($1) AS name", [
    role,
  ]);
  return row?.name ?? role;
}

async function inDatabase<Result>(
  config: PostgresRoleConfig,
  context: Context,
  server: Address,
  body: (line: Line) => Promise<Result>,
): Promise<Result> {
  const { database: _elsewhere, ...admin } = config.admin;
  const [line] = await openAdmin([server], { ...config, admin }, context);
  if (line === undefined) throw new Error("no line was opened");
  try {
    return await body(line);
  } finally {
    await line.close();
  }
}
