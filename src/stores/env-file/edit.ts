import { fromBytes, toBytes } from "../file/bytes.ts";
import type { Patch } from "../file/grammar.ts";
import { type Scan, type Statement, scan } from "./scan.ts";
import { readValue, writeValue } from "./value.ts";

/** The values of the keys that are there, as docker compose reads them. */
export function valuesOf(text: string, keys: readonly string[]): ReadonlyMap<string, string> {
  const { statements } = scan(text);
  return new Map(
    statements
      .filter(({ key, form }) => form === "assigned" && keys.includes(key))
      .map((statement) => [statement.key, valueOf(text, statement)]),
  );
}

/** How the values of the keys that are there are written: their bytes, quotes and escapes included. */
export function rawOf(text: string, keys: readonly string[]): ReadonlyMap<string, string> {
  const { statements } = scan(text);
  return new Map(
    statements
      .filter(({ key, form }) => form === "assigned" && keys.includes(key))
      .map(({ key, valueStart, valueEnd }) => [key, text.slice(valueStart, valueEnd)]),
  );
}

/**
 * The text with the patch applied; every byte outside the values of its keys stays. A new key goes to the end, a removed
 * one takes its lines with it. A value is written as it stands in `raw` where that reads back the same. Answers the key whose value no reader would read back the same, if there is one.
 * The keys must be fit to edit (`unfit.ts`).
 */
export function edit(
  text: string,
  patch: Patch,
  raw: ReadonlyMap<string, string> = new Map(),
): { readonly text: string } | { readonly unstorable: string } {
  const { statements }: Scan = scan(text);
  const missing = new Map(patch);
  let result = text;
  for (const statement of statements.toReversed()) {
    if (!patch.has(statement.key)) continue;
    missing.delete(statement.key);
    const value = patch.get(statement.key);
    const next =
      value === undefined
        ? withoutStatement(result, statement)
        : withValue(result, statement, value, raw.get(statement.key));
    if (next === undefined) return { unstorable: statement.key };
    result = next;
  }
  for (const [key, value] of missing) {
    if (value === undefined) continue;
    const raw = writeValue(value, "");
    if (raw === undefined) return { unstorable: key };
    result = withLine(result, `${key}=${toBytes(raw)}`);
  }
  const found = valuesOf(result, [...patch.keys()]);
  const [wrong] = [...patch].filter(([key, value]) => found.get(key) !== value);
  if (wrong === undefined) return { text: result };
  return raw.size > 0 ? edit(text, patch) : { unstorable: wrong[0] };
}

function valueOf(text: string, { valueStart, valueEnd }: Statement): string {
  return readValue(fromBytes(text.slice(valueStart, valueEnd))).value;
}

function withValue(text: string, statement: Statement, value: string, known: string | undefined): string | undefined {
  if (valueOf(text, statement) === value) return text;
  if (known !== undefined && readValue(fromBytes(known)).value === value) {
    return text.slice(0, statement.valueStart) + known + text.slice(statement.valueEnd);
  }
  const raw = writeValue(value, statement.quote);
  if (raw === undefined) return undefined;
  const after = text.slice(statement.valueEnd);
  // Without quotes a comment behind nothing would be read as the value, and blanks behind it as blanks before it.
  const written = raw === "" && !/^(?:\r?\n|$)/.test(after) ? "''" : toBytes(raw);
  return text.slice(0, statement.valueStart) + written + after;
}

/** Where the last line had no line end, the one before it has none afterwards: adding and removing a key changes nothing. */
function withoutStatement(text: string, { start, end }: Statement): string {
  const before = text.slice(0, start);
  return text.slice(start, end).endsWith("\n") ? before + text.slice(end) : before.replace(/\r?\n$/, "");
}

function withLine(text: string, line: string): string {
  const eol = /^[^\n]*\r\n/.test(text) ? "\r\n" : "\n";
  if (text === "" || text.endsWith("\n")) return text + line + eol;
  return text + eol + line;
}
