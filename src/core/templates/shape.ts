import { decodeWith, type EncoderName, encoders, encodeWith } from "./encoders.ts";

/** A place for a value: `{{name|encoder}}`. `column` (from 1) is where it stands in the template text. */
export type Field = { readonly name: string; readonly encoders: readonly EncoderName[]; readonly column: number };

/** A text with places for values: literal texts and fields, never two fields side by side. */
export type Shape = readonly (string | Field)[];

/** Values by field name. */
export type Values = Readonly<Record<string, string>>;

/** Writes the values into their places. Throws RangeError for a value that is not there: the caller has looked. */
export function renderShape(shape: Shape, values: Values): string {
  return shape
    .map((piece) => (typeof piece === "string" ? piece : encodeWith(piece.encoders, valueOf(piece, values))))
    .join("");
}

/**
 * Reads the values out of a text: each field ends where the literal behind it first stands (behind the closing quote, where
 * the encoder quotes), so the answer is the only one and takes linear time. The reason of a failure holds no part of `text`.
 */
export function matchShape(shape: Shape, text: string): { readonly values: Values } | { readonly reason: string } {
  const values: Record<string, string> = {};
  let at = 0;
  for (const [index, piece] of shape.entries()) {
    if (typeof piece === "string") {
      if (!text.startsWith(piece, at)) return { reason: index === 0 ? "it begins otherwise" : "it ends otherwise" };
      at += piece.length;
      continue;
    }
    const end = endOf(piece, shape.slice(index + 1), text, at);
    if (end < at) return { reason: `the text behind "${piece.name}" is not there` };
    const value = decodeWith(piece.encoders, text.slice(at, end));
    if (value === undefined)
      return { reason: `"${piece.name}" is not written as ${piece.encoders.join("|")} writes it` };
    const before = Object.hasOwn(values, piece.name) ? values[piece.name] : undefined;
    if (before !== undefined && before !== value)
      return { reason: `"${piece.name}" stands there twice with different values` };
    values[piece.name] = value;
    at = end;
  }
  return at === text.length ? { values } : { reason: "it ends otherwise" };
}

/** The fields of a shape, in order. */
export function fieldsOf(shape: Shape): readonly Field[] {
  return shape.filter((piece) => typeof piece !== "string");
}

/** Where the field that starts at `from` ends, or a number below `from`. */
function endOf(field: Field, rest: Shape, text: string, from: number): number {
  const [next] = rest;
  if (typeof next !== "string") return text.length;
  if (rest.length === 1) return text.endsWith(next) ? text.length - next.length : -1;
  const outermost = field.encoders.at(-1);
  const skip = outermost === undefined ? undefined : encoders[outermost].skip;
  return text.indexOf(next, skip === undefined ? from : skip(text, from));
}

function valueOf(field: Field, values: Values): string {
  const value = Object.hasOwn(values, field.name) ? values[field.name] : undefined;
  if (value === undefined) throw new RangeError(`no value for "${field.name}"`);
  return value;
}
