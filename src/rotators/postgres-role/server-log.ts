import { z } from "zod";
import { KeyturnError } from "../../core/errors.ts";
import type { Line } from "./line.ts";

/** More than this is not read in one look; then it throws, because nothing may be concluded from a part. */
const readLimitBytes = 32 * 1024 * 1024;
const chunkBytes = 4 * 1024 * 1024;

export const logFunctions =
  "FUNCTION pg_ls_logdir(), pg_current_logfile(text), pg_read_binary_file(text, bigint, bigint)";

const settings = z.object({ destinations: z.string(), collector: z.boolean(), readable: z.boolean() });

/** How the server logs, and whether the admin may read it. */
export async function logSettings(
  line: Line,
): Promise<{ readonly destinations: readonly string[]; readonly collector: boolean; readonly readable: boolean }> {
  const [found] = await line.rows(
    settings,
    "look at the log settings",
    `SELECT current_setting('log_destination') AS destinations, current_setting('logging_collector') = 'on' AS collector,
       has_function_privilege('pg_ls_logdir()', 'EXECUTE') AND has_function_privilege('pg_current_logfile(text)', 'EXECUTE')
         AND has_function_privilege('pg_read_binary_file(text, bigint, bigint)', 'EXECUTE') AS readable`,
  );
  const destinations = (found?.destinations ?? "").split(",").map((name) => name.trim());
  return { destinations, collector: found?.collector === true, readable: found?.readable === true };
}

const file = z.object({ path: z.string(), bytes: z.coerce.number() });
const chunk = z.object({ content: z.instanceof(Buffer) });

/** The lines of all jsonlog files that were written to since then, oldest file first. Throws when they are too long to be read. */
export async function logLinesSince(line: Line, since: string): Promise<readonly string[]> {
  const [current] = await line.rows(
    z.object({ path: z.string().nullable() }),
    "find its log",
    "SELECT pg_current_logfile('jsonlog') AS path",
  );
  if (current === undefined || current.path === null) {
    throw new KeyturnError(
      "no_jsonlog",
      `postgresql at ${line.label} writes no jsonlog, so refused logins cannot be seen`,
    );
  }
  const folder = current.path.replace(/[^/]*$/, "");
  const files = await line.rows(
    file,
    "list the log files",
    `SELECT $2 || name AS path, size::text AS bytes FROM pg_ls_logdir()
     WHERE name LIKE '%.json' AND modification >= $1::timestamptz - interval '2 seconds' ORDER BY modification`,
    [since, folder],
  );
  if (files.reduce((sum, { bytes }) => sum + bytes, 0) > readLimitBytes) {
    throw new KeyturnError("log_too_long", `the log of ${line.label} since then is too long to be read`, {
      hint: "rotate it more often with log_rotation_size",
    });
  }
  const lines: string[] = [];
  for (const { path, bytes } of files) lines.push(...(await readWhole(line, path, bytes)).toString("utf8").split("\n"));
  return lines;
}

async function readWhole(line: Line, path: string, bytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (let offset = 0; offset < bytes; offset += chunkBytes) {
    const length = Math.min(chunkBytes, bytes - offset);
    const sql = "SELECT pg_read_binary_file($1, $2::bigint, $3::bigint) AS content";
    for (const { content } of await line.rows(chunk, "read the log", sql, [path, offset, length])) chunks.push(content);
  }
  return Buffer.concat(chunks);
}
