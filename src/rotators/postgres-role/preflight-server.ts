import { escapeIdentifier } from "pg";
import { z } from "zod";
import type { Finding } from "../../core/ports.ts";
import type { PostgresRoleConfig } from "./config.ts";
import type { Line } from "./line.ts";

const row = z.object({
  version: z.int(),
  standby: z.boolean(),
  superuser: z.boolean(),
  createrole: z.boolean(),
  signals: z.boolean(),
  stats: z.boolean(),
});

/** The server's version and state, and what the admin may do. */
export async function serverFindings(line: Line, config: PostgresRoleConfig): Promise<readonly Finding[]> {
  const [facts] = await line.rows(
    row,
    "look at the admin's privileges",
    `SELECT current_setting('server_version_num')::int AS version, pg_is_in_recovery() AS standby,
       rolsuper AS superuser, rolcreaterole AS createrole,
       pg_has_role(oid, 'pg_signal_backend', 'USAGE') AS signals, pg_has_role(oid, 'pg_read_all_stats', 'USAGE') AS stats
     FROM pg_roles WHERE rolname = session_user`,
  );
  if (facts === undefined) return [];
  const findings: Finding[] = [];
  const admin = escapeIdentifier(config.admin.username);
  const missing = (code: string, sentence: string, command: string): void =>
    void findings.push({ severity: "error", code, sentence, command });

  const major = Math.floor(facts.version / 10_000);
  if (major < 15)
    findings.push({ severity: "error", code: "postgres_too_old", sentence: `PostgreSQL ${major} is older than 15` });
  if (major > 18)
    findings.push({
      severity: "warning",
      code: "postgres_untested",
      sentence: `PostgreSQL ${major} is newer than 18, the newest this was tested on`,
    });
  if (facts.standby) {
    findings.push({
      severity: "error",
      code: "standby",
      sentence: "the server is a standby and takes no changes",
      hint: "name the primary",
    });
  }
  if (facts.superuser) {
    const hint = "a role with CREATEROLE, pg_signal_backend and pg_read_all_stats is enough";
    findings.push({
      severity: "warning",
      code: "admin_is_superuser",
      sentence: `the admin ${config.admin.username} is a superuser`,
      hint,
    });
    return findings;
  }
  if (!facts.createrole) missing("no_createrole", "the admin may not change roles", `ALTER ROLE ${admin} CREATEROLE;`);
  if (!facts.signals)
    missing("no_signal_backend", "the admin may not end sessions of others", `GRANT pg_signal_backend TO ${admin};`);
  if (!facts.stats)
    missing(
      "no_read_all_stats",
      "the admin may not see whose sessions are open",
      `GRANT pg_read_all_stats TO ${admin};`,
    );
  return findings;
}
