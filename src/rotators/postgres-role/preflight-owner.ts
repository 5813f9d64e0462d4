import { escapeIdentifier } from "pg";
import { z } from "zod";
import type { Finding } from "../../core/ports.ts";
import type { PostgresRoleConfig } from "./config.ts";
import type { Line } from "./line.ts";
import type { RoleFacts } from "./role-facts.ts";

/** What one of the two roles makes or may use, the other must be able to use: everything belongs to an owner that both are members of. */
export async function ownershipFindings(
  line: Line,
  config: PostgresRoleConfig,
  facts: readonly RoleFacts[],
): Promise<readonly Finding[]> {
  const { owner } = config;
  if (owner === undefined) {
    const sentence = "no owner is configured: what one role makes, the other may be unable to use";
    return [
      {
        severity: "warning",
        code: "no_owner",
        sentence,
        hint: "keyturn adopt prints the way to two roles over an owner",
      },
    ];
  }
  return [...(await ownerFindings(line, owner)), ...facts.flatMap((role) => roleUnder(owner, role))];
}

function roleUnder(owner: string, role: RoleFacts): Finding[] {
  const findings: Finding[] = [];
  const name = escapeIdentifier(role.name);
  const ownerName = escapeIdentifier(owner);
  if (!role.member) {
    const sentence = `role ${role.name} does not have the privileges of ${owner}`;
    findings.push({
      severity: "error",
      code: "not_a_member",
      sentence,
      command: `ALTER ROLE ${name} INHERIT; GRANT ${ownerName} TO ${name};`,
    });
  }
  if (!role.acts_as_owner) {
    const sentence = `what role ${role.name} makes would belong to it alone, not to ${owner}`;
    findings.push({
      severity: "error",
      code: "not_acting_as_owner",
      sentence,
      command: `ALTER ROLE ${name} SET role TO ${ownerName};`,
    });
  }
  if (role.owns_in.length > 0) {
    const sentence = `role ${role.name} owns objects itself in ${role.owns_in.join(", ")}, which the other role may not use`;
    const hint = "run it in each of these databases; it takes an exclusive lock on each object for a moment";
    findings.push({
      severity: "error",
      code: "owns_objects",
      sentence,
      hint,
      command: `REASSIGN OWNED BY ${name} TO ${ownerName};`,
    });
  }
  if (role.granted_in.length > 0) {
    const sentence = `role ${role.name} has privileges of its own in ${role.granted_in.join(", ")}, which the other role may lack`;
    findings.push({
      severity: "info",
      code: "own_privileges",
      sentence,
      hint: `keyturn adopt prints the grants that ${owner} lacks`,
    });
  }
  return findings;
}

const named = z.object({ owner_exists: z.boolean(), owner_can_login: z.boolean() });

async function ownerFindings(line: Line, name: string): Promise<Finding[]> {
  const owner = escapeIdentifier(name);
  const [facts] = await line.rows(
    named,
    "look at the owner",
    "SELECT count(*) > 0 AS owner_exists, coalesce(bool_or(rolcanlogin), false) AS owner_can_login FROM pg_roles WHERE rolname = $1",
    [name],
  );
  if (facts?.owner_exists !== true) {
    return [
      {
        severity: "error",
        code: "owner_missing",
        sentence: `the owner ${name} does not exist`,
        command: `CREATE ROLE ${owner} NOLOGIN;`,
      },
    ];
  }
  if (!facts.owner_can_login) return [];
  const sentence = `the owner ${name} can log in, so its own password is one more that nobody rotates`;
  return [{ severity: "warning", code: "owner_can_log_in", sentence, command: `ALTER ROLE ${owner} NOLOGIN;` }];
}
