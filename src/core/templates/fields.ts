import { nearest } from "../nearest.ts";
import { encoderNames, isEncoder } from "./encoders.ts";
import type { Field } from "./shape.ts";

/** Why a template text is refused. `column` counts from 1; `allowed` are the names that may stand there. */
export type TemplateFault = {
  readonly column: number;
  readonly found: string;
  readonly sentence: string;
  readonly hint: string;
  readonly allowed?: readonly string[];
};

/** A template text in which each field is one private-use character, so that any grammar takes it for a plain letter. */
export type Marked = {
  readonly text: string;
  readonly fields: readonly Field[];
  readonly slot: "primary" | "accepted";
};

const firstMark = 0xe000;
const limit = 64;

/** Finds the fields of a template text. */
export function markFields(source: string): Marked | TemplateFault {
  const stray = source.search(/[\uE000-\uE03F\0]/);
  if (stray !== -1 || !source.isWellFormed()) {
    return fault(
      stray + 1,
      "a control or private-use character",
      "this character cannot stand in a template",
      "remove it",
    );
  }
  const fields: Field[] = [];
  const slots = new Set<string>();
  let text = "";
  let at = 0;
  for (let open = source.indexOf("{{"); open !== -1; open = source.indexOf("{{", at)) {
    const close = source.indexOf("}}", open + 2);
    if (close === -1) return fault(open + 1, "{{", "a field is not closed", "write {{name}} or {{name|encoder}}");
    const field = readField(source.slice(open + 2, close), open + 1);
    if ("sentence" in field) return field;
    slots.add(field.slot);
    text += source.slice(at, open) + String.fromCharCode(firstMark + fields.length);
    fields.push({ name: field.name, encoders: field.encoders, column: field.column });
    at = close + 2;
    if (slots.size > 1) {
      const hint = "give the accepted one a key of its own: it is removed when nothing is accepted";
      return fault(open + 1, source.slice(open, at), "one value holds fields of two credentials", hint);
    }
    if (fields.length > limit) return fault(open + 1, "{{", `a template has at most ${limit} fields`, "split it");
  }
  text += source.slice(at);
  return { text, fields, slot: slots.has("accepted") ? "accepted" : "primary" };
}

/** Cuts a piece of a marked text into literals and fields. */
export function cutAtMarks(text: string, fields: readonly Field[]): readonly (string | Field)[] {
  return text
    .split(/([\uE000-\uE03F])/)
    .map((piece) => (piece.length === 1 ? fields[piece.charCodeAt(0) - firstMark] : undefined) ?? piece)
    .filter((piece) => piece !== "");
}

function readField(inside: string, column: number): (Field & { readonly slot: string }) | TemplateFault {
  const [path = "", ...encoders] = inside.split("|").map((part) => part.trim());
  const parts = /^(?:([A-Za-z]\w*)\.)?([A-Za-z][\w-]*)$/.exec(path);
  if (parts === null) {
    return fault(
      column,
      `{{${inside}}}`,
      "this is not a field",
      "write {{name}}, {{name|encoder}} or {{accepted.name}}",
    );
  }
  const [, slot = "primary", name = ""] = parts;
  if (slot !== "primary" && slot !== "accepted") {
    return {
      ...fault(column, `${slot}.`, "no such slot", "write {{accepted.name}} or {{name}}"),
      allowed: ["accepted"],
    };
  }
  const known = encoders.filter(isEncoder);
  const unknown = encoders.find((encoder) => !isEncoder(encoder));
  if (unknown === undefined) return { name, encoders: known, column, slot };
  const near = nearest(unknown, encoderNames);
  const hint = near === undefined ? `write one of ${encoderNames.join(", ")}` : `did you mean ${near}?`;
  return { ...fault(column, unknown, "no such encoder", hint), allowed: encoderNames };
}

function fault(column: number, found: string, sentence: string, hint: string): TemplateFault {
  return { column, found, sentence, hint };
}
