import { escapeIdentifier, escapeLiteral } from "pg";
import { z } from "zod";
import { GiveUp } from "../../core/errors.ts";
import type { Session } from "../../core/ports.ts";
import type { Line } from "./line.ts";
import { type Mark, writeMark } from "./mark.ts";
import { lookAtRoles, type RoleState } from "./role-state.ts";

/** What to do with a role: the words after `ALTER ROLE name`, and the mark that goes with them. */
export type Change = { readonly alter: string; readonly mark: Pick<Mark, "generation" | "state"> };

/**
 * Changes one role on one server in one transaction, under an advisory lock: looks, lets `decide` compare, then alters and
 * marks, or does neither. `decide` gets undefined for a role that does not exist, returns undefined to leave it as it is,
 * and may throw. The text of `alter` never reaches an error.
 */
export async function changeRole(
  line: Line,
  session: Session,
  role: string,
  decide: (state: RoleState | undefined) => Change | undefined,
): Promise<void> {
  await line.run("begin", "BEGIN");
  try {
    await line.rows(z.unknown(), "lock a role", "SELECT pg_advisory_xact_lock(hashtext('keyturn:' || $1::text))", [
      role,
    ]);
    const state = (await lookAtRoles(line, [role])).get(role);
    const change = decide(state);
    if (change === undefined) {
      await line.run("roll back", "ROLLBACK");
      return;
    }
    const comment = writeMark({ ...change.mark, text: state?.mark.text ?? "" });
    session.guard();
    await line.run("alter a role", `ALTER ROLE ${escapeIdentifier(role)} WITH ${change.alter}`);
    session.guard();
    await line.run(
      "comment on a role",
      `COMMENT ON ROLE ${escapeIdentifier(role)} IS ${comment === null ? "NULL" : escapeLiteral(comment)}`,
    );
    session.guard();
    await line.run("commit", "COMMIT");
  } catch (error) {
    await line.run("roll back", "ROLLBACK").catch(() => undefined);
    throw error;
  }
}

export function missingRole(role: string, label: string): GiveUp {
  return new GiveUp("role_missing", `role ${role} does not exist on ${label}`, {
    hint: "the preflight prints the command that makes it",
  });
}
