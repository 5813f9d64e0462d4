import { z } from "zod";
import type { Ref } from "../../core/credential.ts";
import type { Refusal } from "../../core/ports.ts";
import type { Line } from "./line.ts";
import { logLinesSince } from "./server-log.ts";

/** The keys of PostgreSQL's jsonlog that are looked at. */
const entry = z.object({
  timestamp: z.string(),
  user: z.string(),
  remote_host: z.string().optional(),
  ps: z.string(),
  state_code: z.string(),
});

/**
 * Who presented the right password of a role that may not log in, since then. Only that: a wrong password answers 28P01,
 * and a missing pg_hba line answers 28000 while the process still is in "authentication" instead of "startup" (seen on 15 and 18).
 */
export async function refusalsOn(lines: readonly Line[], ref: Ref, since: string): Promise<readonly Refusal[]> {
  const refusals: Refusal[] = [];
  for (const line of lines) {
    const found = (await logLinesSince(line, since)).map(parsed).filter((item) => item?.user === ref.principal);
    const seen = found.flatMap((item) =>
      item === undefined ? [] : [{ address: item.remote_host ?? "local", at: item.timestamp }],
    );
    refusals.push(
      ...(await inUtc(line, seen))
        .filter(({ at }) => Date.parse(at) >= Date.parse(since))
        .map((one) => ({ ...one, client: "", presented: true, count: 1 })),
    );
  }
  return byAddress(refusals);
}

/** The cheap test first: most lines of a log are about something else. */
function parsed(text: string): z.infer<typeof entry> | undefined {
  if (!text.includes('"28000"')) return undefined;
  const result = entry.safeParse(json(text));
  return result.success && result.data.state_code === "28000" && result.data.ps === "startup" ? result.data : undefined;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The log names its time zone by an abbreviation that only the server can read. */
async function inUtc(
  line: Line,
  seen: readonly { readonly address: string; readonly at: string }[],
): Promise<readonly { readonly address: string; readonly at: string }[]> {
  if (seen.length === 0) return [];
  return line.rows(
    z.object({ address: z.string(), at: z.string() }),
    "read the times of refused logins",
    `SELECT address, to_char(at::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS at
     FROM unnest($1::text[], $2::text[]) AS seen (address, at)`,
    [seen.map(({ address }) => address), seen.map(({ at }) => at)],
  );
}

/** One entry per address: how often, and when last. */
function byAddress(refusals: readonly Refusal[]): readonly Refusal[] {
  const merged = new Map<string, Refusal>();
  for (const refusal of refusals) {
    const before = merged.get(refusal.address);
    const at = before === undefined || before.at < refusal.at ? refusal.at : before.at;
    merged.set(refusal.address, { ...refusal, at, count: (before?.count ?? 0) + 1 });
  }
  return [...merged.values()];
}
