import { z } from "zod";
import type { Line } from "./line.ts";
import { type Mark, readMark, unmarked } from "./mark.ts";

/** A role as one server has it now. `sessions` counts everybody's except Keyturn's own. */
export type RoleState = { readonly canLogin: boolean; readonly sessions: number; readonly mark: Mark };

const row = z.object({ name: z.string(), can_login: z.boolean(), sessions: z.int(), comment: z.string().nullable() });

/** Looks at the roles; those that do not exist are missing from the result. */
export async function lookAtRoles(line: Line, roles: readonly string[]): Promise<ReadonlyMap<string, RoleState>> {
  const rows = await line.rows(
    row,
    "look at roles",
    `SELECT r.rolname::text AS name, r.rolcanlogin AS can_login, shobj_description(r.oid, 'pg_authid') AS comment,
       (SELECT count(*)::int FROM pg_stat_activity s WHERE s.usesysid = r.oid AND s.application_name NOT LIKE 'keyturn:%') AS sessions
     FROM pg_roles r WHERE r.rolname = ANY($1)`,
    [roles],
  );
  return new Map(
    rows.map((found) => {
      const mark = effective(readMark(found.comment), found.can_login);
      return [found.name, { canLogin: found.can_login, sessions: found.sessions, mark }];
    }),
  );
}

/** Somebody may have let the role log in again by hand: then a disabled credential lives, and a revoked one was replaced by an unknown one. */
function effective(mark: Mark, canLogin: boolean): Mark {
  if (!canLogin || mark.state === "live") return mark;
  return { ...mark, state: "live", generation: mark.state === "revoked" ? unmarked : mark.generation };
}
