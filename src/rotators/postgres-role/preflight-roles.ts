import { escapeIdentifier } from "pg";
import type { Credential } from "../../core/credential.ts";
import type { Finding } from "../../core/ports.ts";
import { type PostgresRoleConfig, rolesOf } from "./config.ts";
import type { Line } from "./line.ts";
import { ownershipFindings } from "./preflight-owner.ts";
import { factsOf, type RoleFacts } from "./role-facts.ts";

/** The roles themselves: they exist, the admin may change them, the other one is vacant, and what one makes the other may use. */
export async function roleFindings(
  line: Line,
  config: PostgresRoleConfig,
  current: Credential | undefined,
): Promise<readonly Finding[]> {
  const roles = rolesOf(config);
  const facts = await factsOf(line, roles, config.owner);
  const found = new Set(facts.map(({ name }) => name));
  return [
    ...roles.filter((role) => !found.has(role)).map((role) => missing(role, config)),
    ...facts.flatMap((role) => changeable(role, config)),
    ...(config.roles === undefined ? [] : vacancy(facts, current)),
    ...(config.roles === undefined ? [] : await ownershipFindings(line, config, facts)),
  ];
}

function missing(role: string, config: PostgresRoleConfig): Finding {
  const inOwner = config.owner === undefined ? "" : ` IN ROLE ${escapeIdentifier(config.owner)}`;
  const command = `CREATE ROLE ${escapeIdentifier(role)} NOLOGIN INHERIT${inOwner};`;
  return { severity: "error", code: "role_missing", sentence: `role ${role} does not exist`, command };
}

function changeable(role: RoleFacts, config: PostgresRoleConfig): Finding[] {
  const findings: Finding[] = [];
  const name = escapeIdentifier(role.name);
  if (role.superuser) {
    const sentence = `role ${role.name} is a superuser, which no application should be`;
    findings.push({
      severity: "error",
      code: "role_is_superuser",
      sentence,
      command: `ALTER ROLE ${name} NOSUPERUSER;`,
    });
  }
  if (!role.changeable) {
    const command = `GRANT ${name} TO ${escapeIdentifier(config.admin.username)} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;`;
    findings.push({
      severity: "error",
      code: "no_admin_option",
      sentence: `the admin may not change role ${role.name}`,
      command,
    });
  }
  return findings;
}

function vacancy(facts: readonly RoleFacts[], current: Credential | undefined): Finding[] {
  const others = facts.filter((role) => role.name !== current?.ref.principal);
  if (current === undefined && others.some((role) => role.sessions === 0)) return [];
  return others.flatMap((role): Finding[] => {
    const command = `ALTER ROLE ${escapeIdentifier(role.name)} NOLOGIN;`;
    if (role.sessions > 0 && role.can_login) {
      const sentence = `role ${role.name} should be vacant and has ${role.sessions} open sessions`;
      const hint =
        "move whoever uses it to the current role, run the command, end what is left with pg_terminate_backend";
      return [{ severity: "error", code: "other_role_busy", vacancy: true, sentence, hint, command }];
    }
    if (role.sessions > 0) {
      const sentence = `role ${role.name} cannot log in and still has ${role.sessions} open sessions, which will count as users of the new credential`;
      return [{ severity: "warning", code: "other_role_has_sessions", sentence }];
    }
    if (!role.can_login) return [];
    const sentence = `role ${role.name} should be vacant and can log in, though nobody does now; its password will be replaced`;
    return [{ severity: "warning", code: "other_role_can_log_in", sentence, command }];
  });
}
