import type { Ref } from "../../core/credential.ts";
import { GiveUp } from "../../core/errors.ts";
import type { Session } from "../../core/ports.ts";
import { changeRole, missingRole } from "./change-role.ts";
import type { Line } from "./line.ts";

/** Refuses new logins on every server; the password stays. Another generation, or a role that is gone, is left alone. */
export async function disableOn(lines: readonly Line[], session: Session, ref: Ref): Promise<void> {
  for (const line of lines) {
    await changeRole(line, session, ref.principal, (state) =>
      state === undefined || state.mark.generation !== ref.generation || state.mark.state === "revoked"
        ? undefined
        : { alter: "NOLOGIN", mark: { generation: ref.generation, state: "disabled" } },
    );
  }
}

/** Takes disable back on every server. A credential that was revoked or replaced cannot come back: GiveUp. */
export async function enableOn(lines: readonly Line[], session: Session, ref: Ref): Promise<void> {
  for (const line of lines) {
    await changeRole(line, session, ref.principal, (state) => {
      if (state === undefined) throw missingRole(ref.principal, line.label);
      if (state.mark.generation !== ref.generation || state.mark.state === "revoked") {
        throw new GiveUp(
          "not_there_any_more",
          `role ${ref.principal} on ${line.label} does not carry this credential any more`,
        );
      }
      return { alter: "LOGIN", mark: { generation: ref.generation, state: "live" } };
    });
  }
}

/** Takes the password away on every server, for good. What is gone already succeeds; another generation is left alone. */
export async function revokeOn(lines: readonly Line[], session: Session, ref: Ref): Promise<void> {
  for (const line of lines) {
    await changeRole(line, session, ref.principal, (state) =>
      state === undefined || state.mark.generation !== ref.generation || state.mark.state === "revoked"
        ? undefined
        : { alter: "NOLOGIN PASSWORD NULL", mark: { generation: ref.generation, state: "revoked" } },
    );
  }
}
