import { z } from "zod";
import type { Ref } from "../../core/credential.ts";
import { GiveUp, KeyturnError } from "../../core/errors.ts";
import type { Session, Use } from "../../core/ports.ts";
import type { Line } from "./line.ts";
import { lookAtRoles } from "./role-state.ts";

const row = z.object({
  pid: z.int(),
  started: z.string().nullable(),
  since: z.string().nullable(),
  address: z.string().nullable(),
  client: z.string(),
});

/**
 * The sessions of a role on every server, without Keyturn's own. A session keeps living when the password changes, so where
 * the role carries another generation by now, those that began before the other one was published are possible users.
 */
export async function usageOn(
  lines: readonly Line[],
  ref: Ref,
  other: { readonly ref: Ref; readonly since: string } | undefined,
): Promise<readonly Use[]> {
  const uses: Use[] = [];
  for (const line of lines) {
    const state = (await lookAtRoles(line, [ref.principal])).get(ref.principal);
    const isAlone =
      state === undefined || (state.mark.generation === ref.generation && other?.ref.principal !== ref.principal);
    for (const session of await sessionsOf(line, ref.principal)) {
      if (session.started === null || session.since === null) {
        throw new KeyturnError("sessions_hidden", `postgresql at ${line.label} hides the sessions of others`, {
          hint: "GRANT pg_read_all_stats to the admin",
        });
      }
      const began = session.since;
      if (!isAlone && other?.ref.principal === ref.principal && Date.parse(began) >= Date.parse(other.since)) continue;
      uses.push({
        id: `${line.label}/${session.pid}/${session.started}`,
        address: session.address ?? "local",
        client: session.client,
        since: began,
        certainty: isAlone ? "certain" : "possible",
      });
    }
  }
  return uses;
}

/** Ends the session with this id, if it still is the same one: a process id may have been given to another. */
export async function closeSessionOn(lines: readonly Line[], session: Session, id: string): Promise<void> {
  const [, label, pid, started] = /^(.+)\/(\d+)\/(\d+)$/.exec(id) ?? [];
  const line = lines.find((candidate) => candidate.label === label);
  if (line === undefined) throw new GiveUp("unknown_session", "that session is on no server of this target");
  session.guard();
  await line.rows(
    z.unknown(),
    "end a session",
    `SELECT pg_terminate_backend(pid, 3000) FROM pg_stat_activity
     WHERE pid = $1::int AND (extract(epoch FROM backend_start) * 1000000)::bigint = $2::bigint`,
    [pid, started],
  );
}

function sessionsOf(line: Line, role: string): Promise<readonly z.infer<typeof row>[]> {
  return line.rows(
    row,
    "look at sessions",
    `SELECT pid, (extract(epoch FROM backend_start) * 1000000)::bigint::text AS started, host(client_addr) AS address,
       to_char(backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS since, coalesce(application_name, '') AS client
     FROM pg_stat_activity
     WHERE usename = $1 AND application_name NOT LIKE 'keyturn:%' AND backend_type = 'client backend' ORDER BY backend_start`,
    [role],
  );
}
