import { escapeIdentifier } from "pg";
import type { Finding } from "../../core/ports.ts";
import type { PostgresRoleConfig } from "./config.ts";
import type { Line } from "./line.ts";
import { logFunctions, logSettings } from "./server-log.ts";

/** Whether refused logins can be read out of the server's log, as `log: true` says. */
export async function logFindings(line: Line, config: PostgresRoleConfig): Promise<readonly Finding[]> {
  const log = await logSettings(line);
  const admin = escapeIdentifier(config.admin.username);
  const findings: Finding[] = [];
  if (!log.destinations.includes("jsonlog")) {
    const sentence = "the server writes no jsonlog, so refused logins cannot be seen";
    const command = `ALTER SYSTEM SET log_destination = '${[...log.destinations, "jsonlog"].join(",")}'; SELECT pg_reload_conf();`;
    findings.push({
      severity: "error",
      code: "no_jsonlog",
      sentence,
      hint: "logging_collector must be on; or set log: false",
      command,
    });
  }
  if (!log.collector) {
    const sentence = "logging_collector is off, so the server keeps no log file that could be read";
    findings.push({
      severity: "error",
      code: "no_log_file",
      sentence,
      hint: "it needs a restart of the server; or set log: false",
    });
  }
  if (!log.readable) {
    const command = `GRANT EXECUTE ON ${logFunctions} TO ${admin};`;
    findings.push({
      severity: "error",
      code: "log_not_readable",
      sentence: "the admin may not read the server's log",
      command,
    });
  }
  return findings;
}
