import type { Credential } from "../../core/credential.ts";
import type { Context, Finding } from "../../core/ports.ts";
import type { PostgresRoleConfig } from "./config.ts";
import type { Line } from "./line.ts";
import { pgbouncerFindings } from "./pgbouncer.ts";
import { logFindings } from "./preflight-log.ts";
import { roleFindings } from "./preflight-roles.ts";
import { serverFindings } from "./preflight-server.ts";

/** All findings of all servers at once; reads only. Whether pg_hba.conf admits a role that cannot log in yet cannot be known before issue. */
export async function preflightOn(
  lines: readonly Line[],
  config: PostgresRoleConfig,
  current: Credential | undefined,
  context: Context,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const line of lines) {
    const here = [...(await serverFindings(line, config)), ...(await roleFindings(line, config, current))];
    if (config.log) here.push(...(await logFindings(line, config)));
    findings.push(
      ...here.map((finding) =>
        lines.length === 1 ? finding : { ...finding, sentence: `${line.label}: ${finding.sentence}` },
      ),
    );
  }
  return [...findings, ...(await pgbouncerFindings(config, context))];
}
