import { formats } from "./formats.ts";
import type { Span, Template } from "./parse.ts";
import { fieldsOf, matchShape, renderShape, type Values } from "./shape.ts";

type Failure = { readonly code: string; readonly reason: string };

/** Writes a value from the template's own text. */
export function writeText(template: Template, values: Values): { readonly text: string } | Failure {
  const unfit = unrepresentable(values);
  if (unfit !== undefined) return unfit;
  return proved(
    template,
    replaced(
      template.marked,
      template.spans.map((span) => [span, newRaw(template, span, span, values)]),
    ),
    values,
  );
}

/** Reads the values out of a text; the reason of a failure holds no part of it. */
export function readText(template: Template, text: string): { readonly values: Values } | { readonly reason: string } {
  const values: Record<string, string> = {};
  const found = locate(template, text);
  if ("reason" in found) return found;
  for (const [span, place] of found) {
    const read = readSpan(template, span, text.slice(place.from, place.to));
    if ("reason" in read) return read;
    for (const [name, value] of Object.entries(read.values)) {
      if (Object.hasOwn(values, name) && values[name] !== value) {
        return { reason: `"${name}" stands there twice with different values` };
      }
      values[name] = value;
    }
  }
  return { values };
}

/** Changes the values in a text, and nothing else. */
export function editText(template: Template, text: string, values: Values): { readonly text: string } | Failure {
  const unfit = unrepresentable(values);
  if (unfit !== undefined) return unfit;
  const found = locate(template, text);
  if ("reason" in found) return { code: "template_mismatch", reason: found.reason };
  const edits: [Place, string][] = [];
  for (const [span, place] of found) {
    const raw = text.slice(place.from, place.to);
    const read = readSpan(template, span, raw);
    if ("reason" in read) return { code: "template_mismatch", reason: read.reason };
    const same = fieldsOf(span.shape).every((field) => read.values[field.name] === values[field.name]);
    edits.push([place, same ? raw : newRaw(template, span, { ...place, raw }, values)]);
  }
  return proved(template, replaced(text, edits), values);
}

type Place = { readonly from: number; readonly to: number };

/** Where each of the template's values stands in another text of the same grammar. */
function locate(template: Template, text: string): readonly (readonly [Span, Place])[] | { readonly reason: string } {
  const tokens = formats[template.format].tokens(text);
  if (tokens === undefined) return { reason: `the value is not of the format ${template.format}` };
  const pairs: [Span, Place][] = [];
  for (const span of template.spans) {
    const [place, ...more] = tokens.filter((token) => token.path === span.path);
    if (place === undefined) return { reason: `the value has no ${span.path}` };
    if (more.length > 0) return { reason: `the value has ${span.path} twice` };
    pairs.push([span, place]);
  }
  return pairs;
}

function readSpan(template: Template, span: Span, raw: string) {
  const { scalar } = formats[template.format];
  const text = scalar === undefined ? raw : scalar.decode(raw);
  return text === undefined
    ? { reason: `${span.path} is not written as ${template.format} writes it` }
    : matchShape(span.shape, text);
}

/** The value as it is to stand there, in the style of what stands there now. */
function newRaw(template: Template, span: Span, place: Place & { readonly raw?: string }, values: Values): string {
  const { scalar } = formats[template.format];
  const text = renderShape(span.shape, values);
  return scalar === undefined ? text : scalar.encode(text, place.raw ?? template.marked.slice(place.from, place.to));
}

function replaced(text: string, edits: readonly (readonly [Place, string])[]): string {
  return edits
    .toSorted(([a], [b]) => b.from - a.from)
    .reduce((result, [place, raw]) => result.slice(0, place.from) + raw + result.slice(place.to), text);
}

/** A text is handed out only when it gives back exactly what was written into it. */
function proved(template: Template, text: string, values: Values): { readonly text: string } | Failure {
  const read = readText(template, text);
  const wrong = template.fields.find((name) => "reason" in read || read.values[name] !== values[name]);
  if (wrong === undefined) return { text };
  return { code: "value_ambiguous", reason: `"${wrong}" holds a character that this template cannot carry` };
}

function unrepresentable(values: Values): Failure | undefined {
  const name = Object.keys(values).find(
    (key) => !(values[key] ?? "").isWellFormed() || (values[key] ?? "").includes("\0"),
  );
  return name === undefined ? undefined : { code: "value_ambiguous", reason: `"${name}" is not text` };
}
