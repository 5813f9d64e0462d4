import { GiveUp, KeyturnError, TryLater } from "../../core/errors.ts";

/** The parts of a server's answer that are free of user data: its messages may quote statements, so they are never kept. */
export type ServerAnswer = { readonly sqlstate: string; readonly routine: string };

/** What the server answered, or undefined when the line failed instead (refused, reset, timed out, aborted). */
export function serverAnswer(error: unknown): ServerAnswer | undefined {
  if (!(error instanceof Error) || !("code" in error) || !("severity" in error)) return undefined;
  const { code } = error;
  const routine = "routine" in error && typeof error.routine === "string" ? error.routine : "";
  return typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) ? { sqlstate: code, routine } : undefined;
}

/** The error of a command that the server refused or never answered. `doing`: "change a role". */
export function failureOf(error: unknown, label: string, doing: string): KeyturnError {
  if (error instanceof KeyturnError) return error;
  const answer = serverAnswer(error);
  if (answer === undefined) return new TryLater("connection_lost", `lost the connection to postgresql at ${label}`);
  const sentence = `postgresql at ${label} answered ${answer.sqlstate} when asked to ${doing}`;
  if (answer.sqlstate === "42501") {
    return new GiveUp("not_permitted", sentence, { hint: "the preflight names the missing GRANT" });
  }
  return passing.test(answer.sqlstate)
    ? new TryLater("postgres_busy", sentence)
    : new KeyturnError("postgres_failed", sentence);
}

/** Connection, resources, operator intervention, lock and statement time-outs, serialisation, read-only standby after a failover. */
const passing = /^(08|53|57|55P03|40|25006|XX000)/;

/** Whether a login was not decided because the server could not take it: starting, stopping, full. */
export function couldNotDecide(answer: ServerAnswer | undefined): boolean {
  return answer === undefined || /^(53|57)/.test(answer.sqlstate);
}
