import { createHash } from "node:crypto";
import type { Json } from "./ports.ts";

/**
 * The one text of a JSON value: object keys sorted by UTF-16 code units, no white space, strings and numbers as
 * JSON.stringify writes them (RFC 8785). Throws TypeError for a number that is not finite, for undefined, and for an object
 * that is not plain (a Secret, a Date), so that nothing is left out of a digest in silence.
 */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value === "boolean" || typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new TypeError("a number in a digest must be finite");
    return JSON.stringify(value);
  }
  if (isList(value)) return `[${value.map(canonicalJson).join(",")}]`;
  return canonicalObject(value);
}

/** SHA-256 of the canonical text, in hexadecimal. */
export function digestOf(value: Json): string {
  return createHash("sha256").update(canonicalJson(value), "utf8").digest("hex");
}

function canonicalObject(value: { readonly [key: string]: Json }): string {
  const prototype: unknown = typeof value === "object" ? Object.getPrototypeOf(value) : undefined;
  if (prototype !== Object.prototype && prototype !== null) throw new TypeError("only plain JSON has a digest");
  const members = Object.keys(value)
    .toSorted((a, b) => (a < b ? -1 : 1))
    .map((key) => `${JSON.stringify(key)}:${canonicalMember(value[key])}`);
  return `{${members.join(",")}}`;
}

function canonicalMember(value: Json | undefined): string {
  if (value === undefined) throw new TypeError("undefined has no digest: leave the key out");
  return canonicalJson(value);
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
