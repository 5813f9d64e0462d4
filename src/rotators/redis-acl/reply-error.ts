import { GiveUp, KeyturnError, TryLater } from "../../core/errors.ts";

/**
 * Turns what the client library threw into an error that is safe to show. The original is dropped, also as a cause: the
 * library hangs the arguments of the command on it, passwords included, and servers echo arguments in some replies.
 */
export function readableError(error: unknown, node: string, command: string): KeyturnError {
  if (error instanceof KeyturnError) return error;
  const reply = replyOf(error);
  if (reply === undefined)
    return new TryLater("unreachable", `${node} did not answer ${command}`, { hint: reasonOf(error) });
  const code = codeOf(reply);
  if (code === "NOPERM") {
    return new GiveUp("admin_rights", `${node} does not let Keyturn's user run ${command}`, {
      hint: "the README of redis-acl lists the rights it needs; preflight names the missing ones",
    });
  }
  const sentence = `${node} answered ${command} with ${withoutArguments(reply)}`;
  return passing.has(code) ? new TryLater(code.toLowerCase(), sentence) : new KeyturnError("redis_error", sentence);
}

/** The text of an error reply, or undefined when the server did not reply at all. */
export function replyOf(error: unknown): string | undefined {
  return error instanceof Error && error.name === "ReplyError" ? error.message : undefined;
}

/** The first word of an error reply: WRONGPASS, NOAUTH, NOPERM, ERR. */
export function codeOf(reply: string): string {
  return /^[A-Z][A-Z0-9]*/.exec(reply)?.[0] ?? "ERR";
}

const passing = new Set(["LOADING", "BUSY", "MASTERDOWN", "TRYAGAIN", "CLUSTERDOWN", "NOREPLICAS", "OOM"]);

/** Quoted parts and what follows "with args" are what we sent. */
function withoutArguments(reply: string): string {
  return reply
    .replace(/,? with args.*$/s, "")
    .replace(/'[^']*'/g, "'...'")
    .replace(/[0-9a-fA-F]{16,}/g, "...")
    .slice(0, 200);
}

function reasonOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  if (code !== undefined && /^[A-Z][A-Z0-9_]*$/.test(code)) return code;
  return /timed out|ETIMEDOUT/.test(error.message) ? "no answer in time" : "the connection was closed";
}
