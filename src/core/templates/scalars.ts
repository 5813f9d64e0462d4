/**
 * How one value stands in a text that quotes values only where it must. `like` is what stood there before: its style of
 * quoting is kept, so that an edit changes no more than the value. An empty `like` has no style.
 */
export type Scalar = {
  readonly encode: (value: string, like: string) => string;
  readonly decode: (raw: string) => string | undefined;
  /** The end of a quoted value that starts at `from`; `from` itself when it is not quoted. */
  readonly skip: (text: string, from: number) => number;
};

/**
 * A value of an ADO.NET connection string: quoted with " or ' when it is empty or holds one of ; = " ' or white space, the
 * mark doubled inside (System.Data.Common.DbConnectionStringBuilder).
 */
export const adoScalar: Scalar = {
  encode: (value, like) => {
    const mark = like.startsWith("'") ? "'" : '"';
    const bare = /^[^"'=;\s\p{Cc}]+$/u.test(value);
    return bare && !/^["']/.test(like) ? value : doubled(value, mark);
  },
  decode: (raw) => {
    if (/^["']/.test(raw)) return undoubled(raw);
    return raw.includes(";") ? undefined : raw.trim();
  },
  skip: skipDoubled,
};

/** A value of a libpq keyword/value string: '...' with \' and \\ (PostgreSQL manual, Connection Strings). */
export const libpqScalar: Scalar = {
  encode: (value, like) =>
    /^[^\s'\\]+$/.test(value) && !like.startsWith("'") ? value : `'${value.replace(/['\\]/g, "\\$&")}'`,
  decode: (raw) => {
    if (raw.startsWith("'")) return /^'(?:[^'\\]|\\[^])*'$/.test(raw) ? unescaped(raw.slice(1, -1)) : undefined;
    return /^(?:[^\s'\\]|\\[^])*$/.test(raw) ? unescaped(raw) : undefined;
  },
  skip: (text, from) => (text[from] === "'" ? skipEscaped(text, from) : from),
};

/** A field of a line of .pgpass: \: and \\ (PostgreSQL manual, The Password File). */
export const pgpassScalar: Scalar = {
  encode: (value) => value.replace(/[:\\]/g, "\\$&"),
  decode: (raw) => (/^(?:[^:\\]|\\[:\\])*$/.test(raw) ? unescaped(raw) : undefined),
  skip: (text, from) => {
    const field = /(?:[^:\\]|\\[^])*/y;
    field.lastIndex = from;
    return from + (field.exec(text)?.[0].length ?? 0);
  },
};

/** Standard base64 with padding, of UTF-8. */
export const base64Scalar: Scalar = {
  encode: (value) => Buffer.from(value, "utf8").toString("base64"),
  decode: (raw) => {
    const bytes = Buffer.from(raw, "base64");
    const value = bytes.toString("utf8");
    return bytes.toString("base64") === raw && Buffer.from(value, "utf8").equals(bytes) ? value : undefined;
  },
  skip: (_text, from) => from,
};

/**
 * A word of a POSIX shell, as in a file that is sourced: '...' with '\'' for the mark. Reading takes concatenated words,
 * and refuses whatever the shell would expand.
 */
export const shellScalar: Scalar = {
  encode: (value, like) =>
    /^[A-Za-z0-9_./:@%+,-]+$/.test(value) && !/^["']/.test(like) ? value : `'${value.replaceAll("'", "'\\''")}'`,
  decode: (raw) => {
    if (!/^(?:[^\s'"\\$`;&|<>()*?[\]#~!{}]|\\[^\n]|'[^']*'|"(?:[^"\\$`]|\\[^\n])*")*$/.test(raw)) return undefined;
    return raw.replace(/'([^']*)'|"((?:[^"\\]|\\[^])*)"|\\([^])/g, (_all, single, double, escaped) => {
      if (typeof single === "string") return single;
      if (typeof double === "string") return double.replace(/\\(["\\$`])/g, "$1");
      return typeof escaped === "string" ? escaped : "";
    });
  },
  skip: (text, from) => {
    const word = /(?:\\[^]|'[^']*'|"(?:[^"\\]|\\[^])*")+/y;
    word.lastIndex = from;
    return from + (word.exec(text)?.[0].length ?? 0);
  },
};

/**
 * A YAML scalar on one line. Plain only where every YAML version reads it as that string (so no number, no "yes"), else
 * "..." with JSON's escapes, all of which YAML has.
 */
export const yamlScalar: Scalar = {
  encode: (value, like) => {
    const plain = /^[A-Za-z](?:[\w.~/:@%+=?&,-]*[\w.~/@%+=?&,-])?$/.test(value);
    const isWord = /^(?:y|n|yes|no|on|off|true|false|null)$/i.test(value);
    if (plain && !isWord && !/^["']/.test(like)) return value;
    return like.startsWith("'") && /^[ -~]*$/.test(value) ? doubled(value, "'") : ascii(JSON.stringify(value));
  },
  decode: (raw) => {
    if (raw.startsWith("'")) return undoubled(raw);
    if (raw.startsWith('"')) return fromDoubleQuoted(raw);
    const isPlain = !/^[-?:](?:\s|$)|^[,[\]{}#&*!|>%@`]|: |:$| #|[\n\r]/.test(raw);
    return isPlain ? raw.trim() : undefined;
  },
  skip: (text, from) => (text[from] === '"' ? skipEscaped(text, from) : skipDoubled(text, from)),
};

/** The inside of a JSON string: the quotation marks are not part of it, and it is always quoted. */
export const jsonScalar: Scalar = {
  encode: (value) => JSON.stringify(value).slice(1, -1),
  decode: (raw) => fromDoubleQuoted(`"${raw}"`),
  skip: (text, from) => {
    let at = from;
    while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
    return at;
  },
};

function doubled(value: string, mark: string): string {
  return `${mark}${value.replaceAll(mark, mark + mark)}${mark}`;
}

function undoubled(raw: string): string | undefined {
  const mark = raw.slice(0, 1);
  const inside = raw.slice(1, -1);
  if (raw.length < 2 || !raw.endsWith(mark) || inside.replaceAll(mark + mark, "").includes(mark)) return undefined;
  return inside.replaceAll(mark + mark, mark);
}

function skipDoubled(text: string, from: number): number {
  const mark = text[from];
  if (mark !== "'" && mark !== '"') return from;
  let at = from + 1;
  while (at < text.length && (text[at] !== mark || text[at + 1] === mark)) at += text[at] === mark ? 2 : 1;
  return Math.min(at + 1, text.length);
}

function skipEscaped(text: string, from: number): number {
  let at = from + 1;
  while (at < text.length && text[at] !== text[from]) at += text[at] === "\\" ? 2 : 1;
  return Math.min(at + 1, text.length);
}

function unescaped(text: string): string {
  return text.replace(/\\([^])/g, "$1");
}

function ascii(json: string): string {
  return json.replace(/[^ -~]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Reads the escapes that JSON and YAML share; one that only YAML has (\x, \e, ...) is not read, rather than read wrongly. */
function fromDoubleQuoted(raw: string): string | undefined {
  try {
    const value: unknown = JSON.parse(raw);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}
