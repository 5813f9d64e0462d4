/**
 * One assignment in a .env file. Positions are offsets into the text: `start` to `end` covers whole lines, line end
 * included; `valueStart` to `valueEnd` covers the value with its quotes and without the comment behind it.
 */
export type Statement = {
  readonly key: string;
  readonly form: "assigned" | "colon" | "inherited";
  readonly exported: boolean;
  readonly quote: "" | "'" | '"';
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly valueStart: number;
  readonly valueEnd: number;
};

/** A file that its readers would not agree on, so that no line of it may be trusted. */
export type Broken = { readonly line: number; readonly sentence: string };

export type Scan = { readonly statements: readonly Statement[]; readonly broken: readonly Broken[] };

const bom = "\u00ef\u00bb\u00bf";
/** Without the line end of Windows, which belongs to no value. */
const blank = /(?:[ \t\v\f]|\r(?!\n|$))*/y;
/** Of bytes, not of characters: 0xA0 may be a part of one. */
const blanks = /[ \t\v\f\r\n]+$/;
const comment = /[ \t\v\f\r]*(?:#[^\n]*)?(?=\n|$)/y;
const heads: readonly (readonly [Statement["form"], RegExp])[] = [
  ["assigned", /(export[ \t]+)?([^\s=:#'"]+)[ \t\v\f]*=/y],
  ["colon", /(export[ \t]+)?([\w.-]+)[ \t\v\f]*:/y],
  ["inherited", /(export[ \t]+)?([\w.-]+)[ \t\v\f\r]*(?=\n|$)/y],
  ["assigned", /(export[ \t]+)?([^\n=#]*)=/y],
];

/**
 * Finds every assignment, quoted values over several lines included, as docker compose does (compose-go, `dotenv`). The
 * text is the file's bytes as latin1, so that an offset is a byte and nothing is lost in decoding. Comments, blank lines
 * and lines that are no assignment are passed over.
 */
export function scan(text: string): Scan {
  const statements: Statement[] = [];
  const broken: Broken[] = [];
  let at = text.startsWith(bom) ? bom.length : 0;
  let line = 1;
  while (at < text.length) {
    const start = at;
    const found = statementAt(text, start, line);
    if (found === undefined) {
      at = lineEnd(text, start);
    } else if ("sentence" in found) {
      broken.push(found);
      at = lineEnd(text, start);
    } else {
      statements.push(found);
      at = found.end;
    }
    line += newlines(text, start, at);
  }
  return { statements, broken };
}

function statementAt(text: string, start: number, line: number): Statement | Broken | undefined {
  const first = end(blank, text, start) ?? start;
  if (text[first] === "#") return undefined;
  for (const [form, pattern] of heads) {
    pattern.lastIndex = first;
    const match = pattern.exec(text);
    if (match === null) continue;
    const [head, exported, key = ""] = match;
    const base = { key: key.trim(), form, exported: exported !== undefined, line, start };
    if (form === "inherited") {
      const valueStart = first + head.length;
      return { ...base, quote: "", valueStart, valueEnd: valueStart, end: lineEnd(text, valueStart) };
    }
    const valueStart = end(blank, text, first + head.length) ?? first + head.length;
    const quote = text[valueStart];
    return quote === "'" || quote === '"' ? quoted(text, base, valueStart, quote) : unquoted(text, base, valueStart);
  }
  return undefined;
}

type Base = Pick<Statement, "key" | "form" | "exported" | "line" | "start">;

function unquoted(text: string, base: Base, valueStart: number): Statement {
  const stop = lineEnd(text, valueStart);
  const [value = ""] = text.slice(valueStart, stop).split(" #");
  return { ...base, quote: "", valueStart, valueEnd: valueStart + value.replace(blanks, "").length, end: stop };
}

/** The closing quote is the first one that no backslash escapes; behind it may stand a comment only. */
function quoted(text: string, base: Base, valueStart: number, quote: "'" | '"'): Statement | Broken {
  let escaped = false;
  for (let at = valueStart + 1; at < text.length; at += 1) {
    if (!escaped && text[at] === quote) {
      const stop = end(comment, text, at + 1);
      if (stop === undefined) return { line: base.line, sentence: `text follows the closing quote of ${base.key}` };
      return { ...base, quote, valueStart, valueEnd: at + 1, end: lineEnd(text, stop) };
    }
    escaped = !escaped && text[at] === "\\";
  }
  return { line: base.line, sentence: `the quoted value of ${base.key} has no end` };
}

function end(pattern: RegExp, text: string, from: number): number | undefined {
  pattern.lastIndex = from;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

/** The offset behind the next line end, or the end of the text. */
function lineEnd(text: string, from: number): number {
  const next = text.indexOf("\n", from);
  return next === -1 ? text.length : next + 1;
}

function newlines(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf("\n", from); at !== -1 && at < to; at = text.indexOf("\n", at + 1)) count += 1;
  return count;
}
