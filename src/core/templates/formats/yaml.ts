import type { Token } from "./token.ts";

type Frame = { readonly indent: number; readonly path: string; items: number };

const key = /^([A-Za-z0-9_][\w ./-]*|"[^"\\]*"|'[^']*'):(?:\s+|$)/;
const quoted = /^(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')(?=\s*$|\s+#)/;

/**
 * The scalars of a YAML document that is made of block mappings and lists, one value per line, by path. Block scalars, flow
 * collections, anchors and values over several lines are passed by: they hold no fields.
 */
export function yamlTokens(text: string): readonly Token[] | undefined {
  const tokens: Token[] = [];
  const frames: Frame[] = [{ indent: -1, path: "$", items: 0 }];
  let blockIndent: number | undefined;
  let offset = 0;
  for (const line of text.split("\n")) {
    const indent = line.search(/\S/);
    const start = offset;
    offset += line.length + 1;
    if (indent === -1 || line.trimStart().startsWith("#")) continue;
    if (blockIndent !== undefined && indent > blockIndent) continue;
    blockIndent = undefined;
    if (/^(?:---|\.\.\.)/.test(line)) continue;
    if (line.slice(0, indent).includes("\t")) return undefined;
    const rest = readLine(line, indent, frames);
    if (rest === undefined) return undefined;
    if (/^[|>]/.test(rest.text)) blockIndent = rest.indent;
    const value = scalarOf(rest.text);
    if (value !== undefined) tokens.push(tokenAt(frames, start + rest.at, value));
  }
  return tokens.length === 0 ? undefined : tokens;
}

/** The scalar at the start of a line's rest, without the comment behind it. */
function scalarOf(text: string): string | undefined {
  if (/^["']/.test(text)) return quoted.exec(text)?.[0];
  if (text === "" || /^[|>&*!{[#%@`]/.test(text)) return undefined;
  const comment = text.search(/\s#/);
  return (comment === -1 ? text : text.slice(0, comment)).trimEnd();
}

/** Takes dashes and a key off a line, and leaves the frame of its value on the stack. */
function readLine(line: string, indent: number, frames: Frame[]) {
  let at = indent;
  for (let dash = /^-(?:\s+|$)/.exec(line.slice(at)); dash !== null; dash = /^-(?:\s+|$)/.exec(line.slice(at))) {
    const parent = leave(frames, at, true);
    frames.push({ indent: at + 0.5, path: `${parent.path}[${parent.items}]`, items: 0 });
    parent.items += 1;
    at += dash[0].length;
  }
  const found = key.exec(line.slice(at));
  if (found === null) return at === indent ? undefined : { text: line.slice(at), at, indent };
  const parent = leave(frames, at, false);
  frames.push({ indent: at, path: `${parent.path}.${(found[1] ?? "").replace(/^["']|["']$/g, "")}`, items: 0 });
  return { text: line.slice(at + found[0].length), at: at + found[0].length, indent: at };
}

/** Ends every frame that a line at this indentation is not inside of. A list may stand at the indentation of its own key. */
function leave(frames: Frame[], indent: number, isItem: boolean): Frame {
  for (let top = frames.at(-1); top !== undefined && frames.length > 1; top = frames.at(-1)) {
    if (top.indent < indent || (isItem && top.indent === indent)) break;
    frames.pop();
  }
  return frames.at(-1) ?? { indent: -1, path: "$", items: 0 };
}

function tokenAt(frames: readonly Frame[], from: number, value: string): Token {
  return { path: frames.at(-1)?.path ?? "$", from, to: from + value.length };
}
