import { z } from "zod";
import type { Line } from "./line.ts";

const row = z.object({
  name: z.string(),
  can_login: z.boolean(),
  superuser: z.boolean(),
  sessions: z.int(),
  changeable: z.boolean(),
  member: z.boolean(),
  acts_as_owner: z.boolean(),
  owns_in: z.array(z.string()),
  granted_in: z.array(z.string()),
});
export type RoleFacts = z.infer<typeof row>;

/**
 * What preflight must know of each role. `changeable`: the admin may alter it (16 and later ask for ADMIN on the role).
 * `member`: of the owner, with its privileges inherited. `acts_as_owner`: new objects belong to the owner. `owns_in`,
 * `granted_in`: databases where it owns objects itself, or has privileges of its own ("(server)": databases, tablespaces).
 */
export function factsOf(
  line: Line,
  roles: readonly string[],
  owner: string | undefined,
): Promise<readonly RoleFacts[]> {
  return line.rows(
    row,
    "look at roles",
    `SELECT r.rolname::text AS name, r.rolcanlogin AS can_login, r.rolsuper AS superuser,
       (SELECT count(*)::int FROM pg_stat_activity s WHERE s.usesysid = r.oid AND s.application_name NOT LIKE 'keyturn:%') AS sessions,
       CASE WHEN current_setting('server_version_num')::int < 160000 THEN true
            ELSE pg_has_role(session_user, r.oid, 'MEMBER WITH ADMIN OPTION') END AS changeable,
       EXISTS (SELECT FROM pg_auth_members m JOIN pg_roles o ON o.oid = m.roleid WHERE m.member = r.oid AND o.rolname = $2
               AND coalesce((to_jsonb(m) ->> 'inherit_option')::boolean, r.rolinherit)) AS member,
       EXISTS (SELECT FROM pg_db_role_setting c WHERE c.setrole = r.oid AND c.setdatabase = 0 AND 'role=' || $2 = ANY(c.setconfig)) AS acts_as_owner,
       ARRAY(SELECT DISTINCT coalesce(d.datname::text, '(server)') FROM pg_shdepend p LEFT JOIN pg_database d ON d.oid = p.dbid
             WHERE p.refclassid = 'pg_authid'::regclass AND p.refobjid = r.oid AND p.deptype = 'o'
               AND p.classid NOT IN ('pg_default_acl'::regclass, 'pg_user_mapping'::regclass) ORDER BY 1) AS owns_in,
       ARRAY(SELECT DISTINCT coalesce(d.datname::text, '(server)') FROM pg_shdepend p LEFT JOIN pg_database d ON d.oid = p.dbid
             WHERE p.refclassid = 'pg_authid'::regclass AND p.refobjid = r.oid AND p.deptype = 'a' ORDER BY 1) AS granted_in
     FROM pg_roles r WHERE r.rolname = ANY($1) ORDER BY r.rolname`,
    [roles, owner ?? null],
  );
}
