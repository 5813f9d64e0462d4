import type { Token } from "./token.ts";

type Frame = { readonly path: string; readonly isObject: boolean; key: string; index: number; wantsKey: boolean };

/** The inside of every string of a JSON document, by its path ("$.a[0].b"). Numbers and keys hold no fields. */
export function jsonTokens(text: string): readonly Token[] | undefined {
  if (!/^\s*[[{]/.test(text) || !isJson(text)) return undefined;
  const tokens: Token[] = [];
  const frames: Frame[] = [];
  for (const found of text.matchAll(/"((?:[^"\\]|\\[^])*)"|[{}[\],:]/g)) {
    const [mark, inside] = found;
    const frame = frames.at(-1);
    if (mark === "{" || mark === "[") {
      frames.push({ path: pathIn(frame), isObject: mark === "{", key: "", index: 0, wantsKey: mark === "{" });
    } else if (mark === "}" || mark === "]") frames.pop();
    else if (frame !== undefined && mark === ",") {
      frame.index += 1;
      frame.wantsKey = frame.isObject;
    } else if (frame !== undefined && mark === ":") frame.wantsKey = false;
    else if (frame !== undefined && frame.wantsKey) frame.key = inside ?? "";
    else if (inside !== undefined) {
      tokens.push({ path: pathIn(frame), from: found.index + 1, to: found.index + 1 + inside.length });
    }
  }
  return tokens;
}

function pathIn(frame: Frame | undefined): string {
  if (frame === undefined) return "$";
  return frame.isObject ? `${frame.path}.${frame.key}` : `${frame.path}[${frame.index}]`;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
