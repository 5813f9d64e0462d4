/** One line of a log. `at` is ISO 8601 UTC, or undefined when neither it nor a line before it carries a time. */
export type LogLine = { readonly at: string | undefined; readonly text: string };

/**
 * Splits a log into its lines. A time stands at the beginning of a line (ISO 8601, a space instead of the T allowed; UTC
 * when no zone is given) or, in a JSON line, under `time`, `ts`, `timestamp` or `@timestamp` (ISO 8601, or a number of
 * seconds or milliseconds since 1970). A line without a time has that of the line before: a stack trace belongs to its
 * error. Empty lines are left out.
 */
export function logLines(text: string): readonly LogLine[] {
  const lines: LogLine[] = [];
  let at: string | undefined;
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === "") continue;
    at = timeOf(line) ?? at;
    lines.push({ at, text: line });
  }
  return lines;
}

const start = /^\W{0,3}(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(?: ?(Z|UTC|GMT|[+-]\d\d:?\d\d))?/;
const member = /"(?:time|ts|timestamp|@timestamp)"\s*:\s*(?:"([^"]{10,40})"|(\d{10,13}(?:\.\d+)?))/;

function timeOf(line: string): string | undefined {
  if (line.startsWith("{")) {
    const [, text, count] = member.exec(line.slice(0, 4_000)) ?? [];
    if (count !== undefined) return iso(Number(count) * (Number(count) < 1e11 ? 1_000 : 1));
    return text === undefined ? undefined : startOf(text);
  }
  return startOf(line);
}

function startOf(text: string): string | undefined {
  const [, day, time, fraction = "0", zone = "Z"] = start.exec(text) ?? [];
  if (day === undefined || time === undefined) return undefined;
  const offset = /^[+-]/.test(zone) ? zone.replace(/^(...):?(..)$/, "$1:$2") : "Z";
  return iso(Date.parse(`${day}T${time}.${fraction.slice(0, 3).padEnd(3, "0")}${offset}`));
}

function iso(ms: number): string | undefined {
  return Number.isFinite(ms) && Math.abs(ms) < 8.64e15 ? new Date(ms).toISOString() : undefined;
}
