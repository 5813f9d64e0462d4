import { atPath } from "./json-path.ts";

/**
 * What may be shown and kept of a foreign log line: one line of at most 200 plain characters in which everything that could
 * be a secret, or that differs between two lines that mean the same, is replaced. `~` stands for a value, `N` for a number.
 *
 * Replaced: quoted strings, values after `=` or `:`, whole URLs, IP and mail addresses, times, numbers, tokens of 24
 * characters or more, and tokens of 6 or more that do not read as words. Of a JSON line only its level and message are
 * looked at. What is left are the words of the program that wrote the line. A short plain word that happens to be
 * somebody's password cannot be told from them: secrets that are known are masked by the caller as well.
 */
export function signatureOf(line: string): string {
  let text = messageOf(line).slice(0, readCharacters).replaceAll(ansi, "").replaceAll(unprintable, " ");
  for (const [pattern, replacement] of rules) text = text.replaceAll(pattern, replacement);
  text = text.replaceAll(token, (word) => (readsAsWords(word) ? word : "~"));
  text = text.replaceAll(number, "N").replaceAll(/\s+/g, " ").trim();
  return text.length > shownCharacters ? `${text.slice(0, shownCharacters - 3)}...` : text;
}

const shownCharacters = 200;
/** Looked at per line, so that the work per line is bounded whatever a program writes. */
const readCharacters = 1_000;
const ansi = new RegExp(`${String.fromCodePoint(27)}\\[[0-9;?]*[A-Za-z]`, "g");
/** Controls, line ends, and everything outside printable ASCII: no mark-up, no look-alike, no direction override. */
const unprintable = /[^\x20-\x7e]+/g;

/** In this order: what is inside a replaced part is never looked at again. */
const rules: readonly (readonly [RegExp, string])[] = [
  // A line of an environment that was dumped: its value may have spaces, and words.
  [/^\s*((?:export |declare -x )?[A-Z_][A-Z0-9_]*)=.*$/g, "$1=~"],
  [/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?Z| UTC|[+-]\d\d:?\d\d)?/g, "N"],
  [/\b\d\d:\d\d:\d\d(?:[.,]\d+)?\b/g, "N"],
  [/\b[a-z][a-z0-9+.-]*:\/\/[^\s"'<>]*/gi, "~"],
  [/"(?:\\.|[^"\\])*(?:"|$)/g, "~"],
  [/(?<![A-Za-z])'(?:\\.|[^'\\])*(?:'|$)/g, "~"],
  [/`[^`]*(?:`|$)/g, "~"],
  [/[\w.+-]+@[\w.-]+/g, "~"],
  [/\[?(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}\]?(?:%\w+)?/gi, "~"],
  [/\b\d{1,3}(?:\.\d{1,3}){3}(?:[:/]\d+)?\b/g, "~"],
  [/=\s*(?:bearer |basic )?[^\s,;)\]}]+/gi, "=~"],
  // After the name of a level or of an error stands the message, not a value; what is secret in it falls to the rules below.
  [
    /(?<!\b(?:error|warn|warning|fatal|info|log|debug|notice|detail|hint|\w{1,60}error|\w{1,60}exception)):\s+(?:bearer |basic )?[^\s,;)\]}]+/gi,
    ": ~",
  ],
  [/:(?=\S)[^\s,;)\]}]+/g, ":~"],
];
const token = /[\w+/.!@#$%^&*?-]{6,}/g;
const number = /\b\d+(?:\.\d+)*(?:ms|s|m|h|KB|MB)?\b/g;

/** Words, and words joined by `-`, `_`, `.` or `/`: lower case, Capitalised, CAPITALS, or CamelCase of long words. */
function readsAsWords(text: string): boolean {
  if (text.length >= 24) return false;
  return text.split(/[-_./]+|[!?]+$/).every((part) => plainWord.test(part) || humps.test(part) || code.test(part));
}
const plainWord = /^(?:[A-Z]?[a-z]{0,15}|[A-Z]{1,16})$/;
const humps = /^[A-Z]{0,5}[a-z]{3,14}(?:[A-Z][a-z]{3,14}){0,2}$/;
/** Numbers, and short codes such as 28P01. */
const code = /^(?:\d{1,6}|[A-Z0-9]{1,5})$/;

const spoken = [
  "$.level",
  "$.severity",
  "$.msg",
  "$.message",
  "$.error",
  "$.err.code",
  "$.err.message",
  "$.error.message",
];

/** The level and message of a JSON line; any other line as it is. */
function messageOf(line: string): string {
  if (!line.trimStart().startsWith("{")) return line;
  try {
    const document: unknown = JSON.parse(line);
    return spoken
      .map((path) => atPath(document, path))
      .filter((value) => typeof value === "string" || typeof value === "number")
      .join(" ");
  } catch {
    return line;
  }
}
