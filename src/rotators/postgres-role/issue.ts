import { escapeLiteral } from "pg";
import type { Credential } from "../../core/credential.ts";
import { GiveUp } from "../../core/errors.ts";
import type { Session } from "../../core/ports.ts";
import type { Secret } from "../../core/secret.ts";
import { type Change, changeRole, missingRole } from "./change-role.ts";
import type { Line } from "./line.ts";
import { lookAtRoles, type RoleState } from "./role-state.ts";
import { scramVerifier } from "./scram.ts";

/**
 * Sets the proposed password on every server. Looks at all of them first, so that a refusal changes none; when a later one
 * fails all the same, the call is repeated, and the earlier ones get the same password again.
 */
export async function issueOn(
  lines: readonly Line[],
  session: Session,
  proposed: Credential,
  current: Credential | undefined,
): Promise<Credential> {
  const role = proposed.ref.principal;
  const password = proposed.secret["password"];
  if (password === undefined) throw new GiveUp("no_password", `the credential of role ${role} holds no password`);
  const verifier = proposed.secret["scram"] ?? (await scramVerifier(password));
  for (const line of lines)
    decide(line.label, (await lookAtRoles(line, [role])).get(role), proposed, current, verifier);
  for (const line of lines)
    await changeRole(line, session, role, (state) => decide(line.label, state, proposed, current, verifier));
  return { ...proposed, secret: { ...proposed.secret, password } };
}

function decide(
  label: string,
  state: RoleState | undefined,
  proposed: Credential,
  current: Credential | undefined,
  verifier: Secret,
): Change {
  const role = proposed.ref.principal;
  if (state === undefined) throw missingRole(role, label);
  const { generation } = state.mark;
  const isOurs = generation === proposed.ref.generation;
  if (isOurs && state.mark.state === "revoked") {
    throw new GiveUp("revoked_already", `the credential of role ${role} was revoked on ${label} and cannot come back`);
  }
  const isCurrents = current?.ref.principal === role;
  if (!isOurs && isCurrents && generation !== current.ref.generation) {
    throw new GiveUp(
      "other_generation",
      `somebody else changed role ${role} on ${label} meanwhile: it carries ${generation}`,
    );
  }
  if (!isOurs && !isCurrents && state.canLogin && state.sessions > 0) {
    throw new GiveUp(
      "other_role_busy",
      `role ${role} on ${label} has ${state.sessions} sessions, so somebody uses it`,
      {
        hint: "find out who, move them away, end the sessions, then ALTER ROLE ... NOLOGIN",
      },
    );
  }
  return {
    alter: `LOGIN PASSWORD ${escapeLiteral(verifier.reveal())} VALID UNTIL 'infinity'`,
    mark: { generation: proposed.ref.generation, state: "live" },
  };
}
