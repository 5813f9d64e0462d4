import pg from "pg";
import { KeyturnError, TryLater } from "../core/errors.ts";

const socketCodes = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOENT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
]);
/** Texts of the driver's errors that carry no code (pg and pg-pool 8). */
const driverTexts =
  /connection terminated|timeout exceeded when trying to connect|query read timeout|client has encountered a connection error|not queryable/i;

/**
 * What a driver's error means to the engine: TryLater("database_unreachable") when the server is away or going away,
 * TryLater("database_busy") when a time-out, a deadlock or a lock ended the statement. Everything else stays itself.
 * A connection lost during COMMIT leaves open whether it took place: whoever tries again reads first.
 */
export function databaseError(error: unknown): Error & { readonly code?: string } {
  if (error instanceof KeyturnError) return error;
  const code = codeOf(error);
  if (unreachable(code) || (error instanceof Error && driverTexts.test(error.message))) {
    return new TryLater("database_unreachable", "the database cannot be reached", {
      hint: "look whether PostgreSQL runs and whether its address and password are right",
      cause: error,
    });
  }
  // query_canceled, lock_not_available, deadlock_detected, serialization_failure, idle_in_transaction_session_timeout
  if (["57014", "55P03", "40P01", "40001", "25P03"].includes(code)) {
    return new TryLater("database_busy", "the database did not answer in time", { afterMs: 500, cause: error });
  }
  return error instanceof Error ? error : new KeyturnError("unexpected", "the database failed without saying what");
}

/** SQLSTATE class 08 and the states of a server that starts, stops or is full; or the code of a socket error. */
function unreachable(code: string): boolean {
  return socketCodes.has(code) || code.startsWith("08") || ["57P01", "57P02", "57P03", "53300"].includes(code);
}

function codeOf(error: unknown): string {
  if (error instanceof pg.DatabaseError) return error.code ?? "";
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}
