import { escapeIdentifier, escapeLiteral } from "pg";
import { z } from "zod";
import type { Line } from "./line.ts";

/** GRANT commands that give the owner the memberships of the role, without the semicolon; those it has already are left out. */
export async function membershipsOf(line: Line, role: string, owner: string): Promise<readonly string[]> {
  const rows = await line.rows(
    z.object({ granted: z.string(), admin: z.boolean() }),
    "look at memberships",
    `SELECT g.rolname::text AS granted, m.admin_option AS admin FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
     WHERE m.member = (SELECT oid FROM pg_roles WHERE rolname = $1) AND g.rolname <> $2 AND NOT EXISTS (
       SELECT FROM pg_auth_members o WHERE o.roleid = m.roleid AND o.member = (SELECT oid FROM pg_roles WHERE rolname = $2)) ORDER BY 1`,
    [role, owner],
  );
  return rows.map(
    ({ granted, admin }) =>
      `GRANT ${escapeIdentifier(granted)} TO ${escapeIdentifier(owner)}${admin ? " WITH ADMIN OPTION" : ""}`,
  );
}

/** Settings whose stored text is a list that is quoted already (as pg_dump knows them). */
const lists = new Set(["local_preload_libraries", "search_path", "session_preload_libraries", "temp_tablespaces"]);

/** The role's own settings (ALTER ROLE ... SET), for the second role; `role` itself and those it has already are left out. */
export async function settingsOf(line: Line, role: string, other: string): Promise<readonly string[]> {
  const rows = await line.rows(
    z.object({ database: z.string().nullable(), setting: z.string() }),
    "look at the role's settings",
    `SELECT d.datname::text AS database, setting FROM pg_db_role_setting s LEFT JOIN pg_database d ON d.oid = s.setdatabase, unnest(s.setconfig) AS setting
     WHERE s.setrole = (SELECT oid FROM pg_roles WHERE rolname = $1) AND setting NOT LIKE 'role=%' AND NOT EXISTS (
       SELECT FROM pg_db_role_setting o WHERE o.setrole = (SELECT oid FROM pg_roles WHERE rolname = $2)
         AND o.setdatabase = s.setdatabase AND setting = ANY(o.setconfig)) ORDER BY 1, 2`,
    [role, other],
  );
  return rows.map(({ database, setting }) => {
    const at = setting.indexOf("=");
    const name = setting.slice(0, at);
    const value = setting.slice(at + 1);
    const place = database === null ? "" : `IN DATABASE ${escapeIdentifier(database)} `;
    return `${place}SET ${name} TO ${lists.has(name) ? value : escapeLiteral(value)}`;
  });
}
