import { Secret } from "../core/secret.ts";

/** Of one value, in bytes of UTF-8. */
const mostBytes = 16_384;

export type Form =
  | { readonly values: Readonly<Record<string, Secret>> }
  | { readonly status: 400 | 413; readonly sentence: string };

/** Largest body that fields of the largest size can need: each byte may be sent as three. */
export function mostBodyBytes(fields: number): number {
  return fields * mostBytes * 3 + 4_096;
}

/**
 * The values of a sent form, each field exactly once. Forms send line ends as CR LF: they become LF, and one at the very end,
 * which pasting often brings along, is left out. Sentences never repeat what was sent.
 */
export function readForm(body: Buffer, fields: readonly string[]): Form {
  const sent = new URLSearchParams(body.toString("utf8"));
  const values: [string, Secret][] = [];
  for (const name of fields) {
    const [text, second] = sent.getAll(name);
    const value = text?.replaceAll("\r\n", "\n").replace(/\n$/, "") ?? "";
    if (value.trim() === "" || second !== undefined) {
      return { status: 400, sentence: `Not taken: ${name} is needed, once.` };
    }
    if (Buffer.byteLength(value) > mostBytes) {
      return { status: 413, sentence: `Not taken: ${name} is longer than ${String(mostBytes)} bytes.` };
    }
    if (value.includes("\0") || value.includes("\uFFFD")) {
      return { status: 400, sentence: `Not taken: ${name} is no text.` };
    }
    values.push([name, new Secret(value)]);
  }
  return { values: Object.fromEntries(values) };
}
