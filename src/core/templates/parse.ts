import { KeyturnError } from "../errors.ts";
import type { Format } from "../target.ts";
import { encoders } from "./encoders.ts";
import { cutAtMarks, type Marked, markFields, type TemplateFault } from "./fields.ts";
import type { Token } from "./formats/token.ts";
import { detectFormat, type FormatRule, formats } from "./formats.ts";
import { type Field, fieldsOf, type Shape } from "./shape.ts";

/** One value of the template's grammar that holds fields. `from` and `to` are its place in `Template.marked`. */
export type Span = Token & { readonly shape: Shape };

/**
 * A template text, understood. `slot`: whose fields it holds; a value of `accepted` is removed when nothing is accepted.
 * Made by `parseTemplate` only; it can be written forwards and read backwards without doubt.
 */
export type Template = {
  readonly text: string;
  readonly format: Format;
  readonly slot: "primary" | "accepted";
  /** Names of its fields, each once. */
  readonly fields: readonly string[];
  readonly marked: string;
  readonly spans: readonly Span[];
};

/** Parses a template text. Throws KeyturnError("template") that names the column. */
export function parseTemplate(text: string, format?: Format): Template {
  const parsed = tryTemplate(text, format);
  if (!("sentence" in parsed)) return parsed;
  throw new KeyturnError("template", `column ${parsed.column}: ${parsed.sentence}`, { hint: parsed.hint });
}

/** Parses a template text; a mistake is a value, for those who collect all of them. */
export function tryTemplate(text: string, format?: Format): Template | TemplateFault {
  const marked = markFields(text);
  if ("sentence" in marked) return marked;
  if (marked.fields.length === 0) {
    return {
      column: 1,
      found: text,
      sentence: "the text has no field, so it never changes",
      hint: "write {{name}} where the value goes, or leave this key out",
    };
  }
  const detected = format ?? detectFormat(marked.text);
  const spans = spansOf(marked, formats[detected], detected);
  if ("sentence" in spans) return spans;
  const ambiguous = spans.map((span) => ambiguity(span.shape)).find((found) => found !== undefined);
  if (ambiguous !== undefined) return ambiguous;
  const fields = [...new Set(marked.fields.map((field) => field.name))];
  return { text, format: detected, slot: marked.slot, fields, marked: marked.text, spans };
}

/** The values of the text that hold fields, each cut into its pieces. */
function spansOf(marked: Marked, rule: FormatRule, format: Format): readonly Span[] | TemplateFault {
  const tokens = rule.tokens(marked.text);
  if (tokens === undefined) {
    return {
      column: 1,
      found: marked.text.slice(0, 1),
      sentence: `the text is not of the format ${format}`,
      hint: "correct it, or leave the format out",
    };
  }
  const spans: Span[] = [];
  for (const token of tokens) {
    const raw = marked.text.slice(token.from, token.to);
    const pieces = cutAtMarks(rule.scalar === undefined ? raw : (rule.scalar.decode(raw) ?? raw), marked.fields);
    const shape = pieces.map((piece) => (typeof piece === "string" ? piece : encodedFor(piece, rule, token.path)));
    if (fieldsOf(shape).length > 0) spans.push({ ...token, shape });
  }
  const placed = spans.flatMap((span) => fieldsOf(span.shape)).map((field) => field.column);
  const lost = marked.fields.find((field) => !placed.includes(field.column));
  const twice = spans.find((span) => tokens.filter((token) => token.path === span.path).length > 1);
  if (lost !== undefined) {
    return {
      column: lost.column,
      found: lost.name,
      sentence: `${format} has no value at this place`,
      hint: "put the field where a value stands",
    };
  }
  return twice === undefined ? spans : keyTwice(twice);
}

function keyTwice(span: Span): TemplateFault {
  const column = fieldsOf(span.shape)[0]?.column ?? 1;
  return { column, found: span.path, sentence: `the key ${span.path} stands there twice`, hint: "keep one of them" };
}

/** The field with the encoders that its place needs, whether or not the template names them. */
function encodedFor(field: Field, rule: FormatRule, path: string): Field {
  const last = field.encoders.at(-1);
  const needed = rule.encoder(path);
  if (rule.scalarName !== undefined && last === rule.scalarName)
    return { ...field, encoders: field.encoders.slice(0, -1) };
  return needed === undefined || needed === last ? field : { ...field, encoders: [...field.encoders, needed] };
}

/** Two fields need a text between them that the first one's values cannot hold. */
function ambiguity(shape: Shape): TemplateFault | undefined {
  for (const [index, field] of shape.entries()) {
    if (typeof field === "string") continue;
    const between = shape[index + 1];
    const follower = typeof between === "string" ? shape[index + 2] : between;
    if (follower === undefined || typeof follower === "string") continue;
    if (typeof between === "string" && separates(field, between.slice(0, 1))) continue;
    return {
      column: follower.column,
      found: typeof between === "string" ? between : `{{${field.name}}}{{${follower.name}}}`,
      sentence: `where "${field.name}" ends and "${follower.name}" begins cannot be told`,
      hint: "put a character between them that no value holds, such as : or ;",
    };
  }
  return undefined;
}

function separates(field: Field, mark: string): boolean {
  const outermost = field.encoders.at(-1);
  if (outermost === undefined) return !/[A-Za-z0-9._~-]/.test(mark);
  if (outermost === "json") return mark === '"';
  const encoder = encoders[outermost];
  if (encoder.alphabet !== undefined) return !encoder.alphabet.includes(mark);
  const written = encoder.encode(`a${mark}b`);
  return !written.includes(mark, encoder.skip?.(written, 0) ?? 0);
}
