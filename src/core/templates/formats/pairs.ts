import type { Token } from "./token.ts";

/** Npgsql and SqlClient know several names for the same key; the first of each line is the one that paths use. */
const synonyms: readonly (readonly string[])[] = [
  ["username", "user id", "userid", "user", "uid", "user name"],
  ["password", "pwd", "psw"],
  ["host", "server", "data source", "address", "addr", "network address"],
  ["database", "initial catalog", "db"],
];

/** ADO.NET: `Key=value;Key="va;lue"`. Keys in any case; values may be quoted with " or ', the mark doubled inside. */
export function adoTokens(text: string): readonly Token[] | undefined {
  const quoted = /([^=;]*)=\s*("(?:[^"]|"")*"|'(?:[^']|'')*')\s*(?:;|$)/dy;
  const bare = /([^=;]*)=((?!\s*["'])[^;]*)(?:;|$)/dy;
  return every(text, [quoted, bare, /\s*(?:;|$)/dy], (key) => {
    const name = key.toLowerCase();
    return synonyms.find((names) => names.includes(name))?.[0] ?? name;
  });
}

/** libpq's keyword/value string: `host=db password='p\'w'`. */
export function libpqTokens(text: string): readonly Token[] | undefined {
  const pair = /\s*(\w+)\s*=\s*('(?:[^'\\]|\\[^])*'|(?!')(?:[^\s'\\]|\\[^])*)(?=\s|$)/dy;
  return every(text, [pair, /\s+$/dy], (key) => key);
}

/** StackExchange.Redis: `host:6379,other:6379,password=p,ssl=true`. Nothing is quoted, so no value can hold a comma. */
export function stackexchangeTokens(text: string): readonly Token[] | undefined {
  let endpoints = 0;
  return every(text, [/([^=,]+)=([^,]*)(?:,|$)/dy, /()([^,]*)(?:,|$)/dy], (key) => {
    if (key !== "") return key.toLowerCase();
    endpoints += 1;
    return `endpoint ${endpoints}`;
  });
}

/**
 * Takes a text apart from end to end with sticky patterns (group 1: key, group 2: value, white space around both is not
 * theirs), the first that fits at each place. Undefined when none does.
 */
function every(
  text: string,
  patterns: readonly RegExp[],
  pathOf: (key: string) => string,
): readonly Token[] | undefined {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const found = firstOf(patterns, text, at);
    if (found === undefined || found[0] === "") return undefined;
    const value = found.indices?.[2];
    if (value !== undefined) {
      const raw = text.slice(value[0], value[1]);
      const from = value[0] + (raw.length - raw.trimStart().length);
      tokens.push({ path: pathOf((found[1] ?? "").trim()), from, to: from + raw.trim().length });
    }
    at += found[0].length;
  }
  return tokens;
}

function firstOf(patterns: readonly RegExp[], text: string, at: number): RegExpExecArray | undefined {
  for (const pattern of patterns) {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found !== null) return found;
  }
  return undefined;
}
