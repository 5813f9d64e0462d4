import { open, realpath, stat } from "node:fs/promises";
import { GiveUp, KeyturnError } from "../core/errors.ts";
import { type LogLine, logLines } from "../core/log-line.ts";
import { liesIn } from "./program.ts";
import type { Run } from "./run.ts";

/** `complete` is false when lines since then may be missing, or when it cannot be told which lines are since then. */
export type Log = { readonly lines: readonly LogLine[]; readonly complete: boolean };

const readBytes = 4 * 1024 * 1024;

/**
 * The lines of a file since then (ISO 8601 UTC), from its last 4 MiB and, where the file is younger, from `<file>.1`.
 *
 * @throws GiveUp log_not_allowed when the file lies in none of `folders`
 * @throws KeyturnError log_unreadable
 */
export async function logFile(path: string, since: string, folders: readonly string[]): Promise<Log> {
  const current = await tailOf(path, folders);
  const rotated = reaches(current.lines, since) ? undefined : await tailOf(`${path}.1`, folders).catch(() => undefined);
  const lines = [...(rotated?.lines ?? []), ...current.lines];
  const cut = rotated === undefined ? current.cut : current.cut || rotated.cut;
  return { lines: lines.filter(isSince(since)), complete: areTimed(lines) && (!cut || reaches(lines, since)) };
}

/**
 * The lines that a command prints. In its argv `{{since}}` is replaced by that time, and `{{since.seconds}}` by it in seconds
 * since 1970; without one of them the lines must carry times.
 *
 * @throws KeyturnError log_command_failed; what `run` throws
 */
export async function logCommand(
  run: Run,
  command: { readonly argv: readonly string[]; readonly env?: Readonly<Record<string, string>> | undefined },
  since: string,
  signal: AbortSignal,
): Promise<Log> {
  const seconds = String(Math.floor(Date.parse(since) / 1_000));
  const argv = command.argv.map((word) => word.replaceAll("{{since}}", since).replaceAll("{{since.seconds}}", seconds));
  const asked = argv.some((word, index) => word !== command.argv[index]);
  const ran = await run({ argv, env: command.env, timeoutMs: 30_000, capBytes: readBytes }, signal);
  if (ran.code !== 0) {
    throw new KeyturnError("log_command_failed", `${argv[0] ?? ""} ended with ${ran.signal ?? ran.code ?? "no code"}`);
  }
  const lines = logLines(`${ran.stdout}\n${ran.stderr}`);
  return { lines: lines.filter(isSince(since)), complete: !ran.truncated && (asked || areTimed(lines)) };
}

type Tail = { readonly lines: readonly LogLine[]; readonly cut: boolean };

async function tailOf(path: string, folders: readonly string[]): Promise<Tail> {
  const real = await realpath(path).catch((cause: unknown) => {
    throw new KeyturnError("log_unreadable", `${path} does not exist or cannot be reached`, { cause });
  });
  if (!(await liesIn(folders, real))) {
    throw new GiveUp("log_not_allowed", `${path} does not lie in a folder from which logs may be read`, {
      hint: folders.length === 0 ? "no folder is allowed" : `allowed are ${folders.join(", ")}`,
    });
  }
  try {
    const { size } = await stat(real);
    const from = Math.max(0, size - readBytes);
    const text = await slice(real, from, size - from);
    // The first line may have lost its beginning, and the lines behind it without a time of their own lost theirs.
    const lines = logLines(from === 0 ? text : text.slice(text.indexOf("\n") + 1));
    return { cut: from > 0, lines: from === 0 ? lines : lines.filter(({ at }) => at !== undefined) };
  } catch (cause) {
    throw new KeyturnError("log_unreadable", `${path} could not be read`, { cause });
  }
}

async function slice(path: string, from: number, length: number): Promise<string> {
  const handle = await open(path, "r");
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, from);
    return buffer.subarray(0, bytesRead).toString("utf8");
  } finally {
    await handle.close();
  }
}

function isSince(since: string): (line: LogLine) => boolean {
  const from = Date.parse(since);
  return ({ at }) => at === undefined || Date.parse(at) >= from;
}

/** Whether the lines go back to that time. */
function reaches(lines: readonly LogLine[], since: string): boolean {
  return lines.some(({ at }) => at !== undefined && Date.parse(at) <= Date.parse(since));
}

function areTimed(lines: readonly LogLine[]): boolean {
  return lines.length === 0 || lines.some(({ at }) => at !== undefined);
}
