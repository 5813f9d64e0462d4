/**
 * A value as docker compose reads it (compose-go, `dotenv`), without interpolation. `sure` is false when other readers of
 * .env files (the `dotenv` of Node.js) read something else there, or when compose would put other variables into it.
 */
export type ReadValue = { readonly value: string; readonly interpolated: boolean; readonly sure: boolean };

/** Reads a value as it stands in the file, quotes included. */
export function readValue(raw: string): ReadValue {
  const value = composeReads(raw);
  const interpolated = !raw.startsWith("'") && (raw.startsWith('"') ? unescapedDollar.test(raw) : raw.includes("$"));
  const octal = raw.startsWith('"') && raw.includes("\\0");
  return { value, interpolated, sure: !interpolated && !octal && dotenvReads(raw) === value };
}

/** Between double quotes compose takes `\$` for a plain one. */
const unescapedDollar = /^(?:[^\\$]|\\[\s\S])*\$/;

/**
 * Writes a value with the least quoting from which it reads back the same: the quotes that stand there already (`quote`),
 * none, single, double. Every reader agrees on the result where that is possible; a value with both kinds of quotes, or with
 * a backslash at its end, is written for compose. Undefined: no way of writing it reads back the same.
 */
export function writeValue(value: string, quote: "" | "'" | '"'): string | undefined {
  const single = `'${value}'`;
  const double = `"${value}"`;
  const kept = quote === "" || value.includes("\n") ? [] : [quote + value + quote];
  const shared = [...kept, ...(plain.test(value) ? [value] : []), ...(value.includes("\n") ? [] : [single, double])];
  const newlines = [double.replaceAll("\n", "\\n"), single];
  const escaped = `"${value
    .replaceAll(/[\\"$]/g, "\\$&")
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r")}"`;
  if (/\0/.test(value)) return undefined;
  return (
    [...shared, ...newlines].find((raw) => isWhole(raw) && readValue(raw).sure && readValue(raw).value === value) ??
    [escaped].find((raw) => isWhole(raw) && composeReads(raw) === value)
  );
}

/** Needs no quotes for any reader, a shell that sources the file included. */
const plain = /^[\w./:@%+,=-]*$/;

/** Whether a quoted text ends at its last character and not before; line ends of Windows would be changed by readers. */
function isWhole(raw: string): boolean {
  if (raw.includes("\r")) return false;
  const quote = raw[0];
  if (quote !== "'" && quote !== '"') return true;
  let escaped = false;
  for (let at = 1; at < raw.length; at += 1) {
    if (!escaped && raw[at] === quote) return at === raw.length - 1;
    escaped = !escaped && raw[at] === "\\";
  }
  return false;
}

/** compose: in quotes `\'` or `\"` is that quote; between double quotes the escapes of Go are replaced as well. */
function composeReads(raw: string): string {
  const quote = raw[0];
  if (quote !== "'" && quote !== '"') return raw;
  const inner = raw.slice(1, -1).replaceAll(/\\([\s\S])/g, (pair, next: string) => (next === quote ? next : pair));
  return quote === "'" ? inner : inner.replaceAll(/\\([abfnrtv$"\\])/g, (_, name: string) => escapes.get(name) ?? name);
}

const escapes = new Map([
  ["a", "\u0007"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["v", "\v"],
]);

/** dotenv: what is between the quotes stays as it is, but `\n` and `\r` in double quotes; without quotes `#` begins a comment. */
function dotenvReads(raw: string): string {
  const quote = raw[0];
  if (quote === "'") return raw.slice(1, -1);
  if (quote === '"') return raw.slice(1, -1).replaceAll("\\n", "\n").replaceAll("\\r", "\r");
  const [value = ""] = raw.split("#");
  return value.trim().replace(/^`([\s\S]*)`$/, "$1");
}
