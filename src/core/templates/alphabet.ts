import { KeyturnError } from "../errors.ts";
import { writeText } from "./edit.ts";
import { encoders } from "./encoders.ts";
import type { Template } from "./parse.ts";
import { fieldsOf } from "./shape.ts";

/** What generated values are made of where nothing forbids it: RFC 3986's unreserved characters, which few formats mind. */
export const baseAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";

const fewest = 16;

/**
 * The characters that every template can carry and every store and consumer takes. `storeAlphabets`: what values may hold as
 * they are written (`StoreShape.alphabet`; undefined: any). `symbols`: further characters (`RotatorShape.symbols`). Throws KeyturnError("alphabet_too_small")
 * when fewer than 16 are left.
 */
export function alphabetFor(
  templates: readonly Template[],
  storeAlphabets: readonly (string | undefined)[],
  symbols = "",
): string {
  const limits = storeAlphabets.filter((limit) => limit !== undefined);
  const left = [...new Set(baseAlphabet + symbols)].filter((c) =>
    templates.every((template) => carries(template, c, limits)),
  );
  const alphabet = templates.length === 0 ? left.filter((c) => limits.every((limit) => limit.includes(c))) : left;
  if (alphabet.length >= fewest) return alphabet.join("");
  throw new KeyturnError("alphabet_too_small", `templates and stores leave ${alphabet.length} characters for a value`, {
    hint: `at least ${fewest} are needed; put a value with fewer restrictions into the store, or add an encoder`,
  });
}

/** Whether a value may hold the character anywhere: it can be read back, and the store takes the whole text that is written. */
function carries(template: Template, c: string, limits: readonly string[]): boolean {
  const values = Object.fromEntries(template.fields.map((name) => [name, `${c}${c}${c}`]));
  const written = writeText(template, values);
  if (!("text" in written)) return false;
  const fields = template.spans.flatMap(({ shape }) => fieldsOf(shape));
  // What base64 makes of a value depends on its neighbours, so all of its alphabet counts.
  const isEncoded = template.format === "basic" || fields.some((field) => field.encoders.at(-1) === "base64");
  const encoded = isEncoded ? (encoders.base64.alphabet ?? "") : "";
  const produced = (written.text + encoded).split("");
  return limits.every((limit) => produced.every((each) => limit.includes(each)));
}
