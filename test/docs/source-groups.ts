/** A piece of source text: a string or template literal, a bracketed group, or anything else as it stands. */
export type Piece =
  | { readonly kind: "literal"; readonly text: string; readonly holes: readonly string[] }
  | { readonly kind: "group"; readonly open: string; readonly parts: readonly Piece[] }
  | { readonly kind: "word"; readonly text: string };

/**
 * Reads TypeScript just far enough to find calls and objects with what stands in them: literals, brackets, words.
 * Comments and regular expressions are left out. A hole of a template becomes "…" in `text` and stands in `holes`.
 */
export function readPieces(source: string): readonly Piece[] {
  return readUntil(source, 0, "").parts;
}

type Read = { readonly parts: readonly Piece[]; readonly end: number };

const closing: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

function readUntil(source: string, start: number, end: string): Read {
  const parts: Piece[] = [];
  let at = start;
  while (at < source.length && source[at] !== end) {
    const character = source[at] ?? "";
    const close = closing[character];
    if (close !== undefined) {
      const inside = readUntil(source, at + 1, close);
      parts.push({ kind: "group", open: character, parts: inside.parts });
      at = inside.end + 1;
    } else if (character === "`") {
      const literal = readTemplate(source, at + 1);
      parts.push(literal.piece);
      at = literal.end;
    } else {
      const match = tokenAt(source, at, parts.at(-1));
      if (match.piece !== undefined) parts.push(match.piece);
      at = match.end;
    }
  }
  return { parts, end: at };
}

function tokenAt(source: string, at: number, before: Piece | undefined): { piece: Piece | undefined; end: number } {
  for (const [pattern, make] of tokens) {
    pattern.lastIndex = at;
    const text = pattern.exec(source)?.[0];
    if (text !== undefined && !(pattern === regex && !mayBeRegex(before))) {
      return { piece: make(text), end: at + text.length };
    }
  }
  return { piece: { kind: "word", text: source[at] ?? "" }, end: at + 1 };
}

const regex = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/y;
const tokens: readonly (readonly [RegExp, (text: string) => Piece | undefined])[] = [
  [/\s+/y, () => undefined],
  [/\/\/[^\n]*/y, () => undefined],
  [/\/\*[^]*?\*\//y, () => undefined],
  [regex, () => ({ kind: "word", text: "/regex/" })],
  [/"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/y, (text) => ({ kind: "literal", text: unquoted(text), holes: [] })],
  [/[\w$]+/y, (text) => ({ kind: "word", text })],
];

function mayBeRegex(before: Piece | undefined): boolean {
  return before === undefined || (before.kind === "word" && (/^[^\w$]$/.test(before.text) || before.text === "return"));
}

function readTemplate(source: string, start: number): { piece: Piece; end: number } {
  const holes: string[] = [];
  let text = "";
  let at = start;
  while (at < source.length && source[at] !== "`") {
    if (source.startsWith("${", at)) {
      const { end } = readUntil(source, at + 2, "}");
      holes.push(source.slice(at + 2, end));
      text += "…";
      at = end + 1;
    } else {
      const escaped = source[at] === "\\";
      text += source[escaped ? at + 1 : at] ?? "";
      at += escaped ? 2 : 1;
    }
  }
  return { piece: { kind: "literal", text, holes }, end: at + 1 };
}

function unquoted(text: string): string {
  return text.slice(1, -1).replaceAll(/\\(.)/g, "$1");
}

/** The parts of a group between its commas. */
export function byComma(parts: readonly Piece[]): readonly (readonly Piece[])[] {
  const found: Piece[][] = [[]];
  for (const part of parts) {
    if (part.kind === "word" && part.text === ",") found.push([]);
    else found.at(-1)?.push(part);
  }
  return found.filter((each) => each.length > 0);
}
