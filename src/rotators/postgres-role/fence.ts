import { z } from "zod";
import { TryLater } from "../../core/errors.ts";
import type { Session } from "../../core/ports.ts";
import type { Line } from "./line.ts";

const row = z.object({ gone: z.boolean() });

/**
 * Ends the administrative sessions of this rotation with an older epoch, on every server, and waits inside the server until
 * they have gone: what they had not committed is rolled back then. TryLater when one has not gone in 2 s.
 */
export async function fenceOn(lines: readonly Line[], session: Session): Promise<"fenced"> {
  for (const line of lines) {
    const ended = await line.rows(
      row,
      "end older sessions of this rotation",
      `SELECT pg_terminate_backend(pid, 2000) AS gone FROM pg_stat_activity
       WHERE usename = session_user AND pid <> pg_backend_pid() AND starts_with(application_name, $1)
         AND substr(application_name, length($1) + 1) ~ '^[0-9]+$' AND substr(application_name, length($1) + 1)::bigint < $2::bigint`,
      [`keyturn:${session.rotationId}:`, session.epoch],
    );
    if (ended.some(({ gone }) => !gone))
      throw new TryLater("not_fenced", `an older session on ${line.label} has not ended yet`);
  }
  return "fenced";
}
