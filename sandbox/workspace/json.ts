import { z } from "zod";

/** Any JSON value: what the Web API, the sockets and the page exchange. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export const JsonObjectSchema = z.record(z.string(), z.json());

/** Parses JSON text; undefined when it is not JSON. */
export function parseJson(text: string): Json | undefined {
  try {
    return z.json().parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** The object without the keys whose value is undefined. */
export function compact(fields: { readonly [key: string]: Json | undefined }): JsonObject {
  const result: JsonObject = {};
  for (const [key, value] of Object.entries(fields)) if (value !== undefined) result[key] = value;
  return result;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The member `key` when `value` is an object that has it. */
export function at(value: Json | undefined, key: string): Json | undefined {
  return isObject(value) ? value[key] : undefined;
}

export function stringAt(value: Json | undefined, key: string): string | undefined {
  const found = at(value, key);
  return typeof found === "string" ? found : undefined;
}

/** The objects in the array `key`; empty when there is no such array. */
export function objectsAt(value: Json | undefined, key: string): JsonObject[] {
  const found = at(value, key);
  return Array.isArray(found) ? found.filter(isObject) : [];
}

/** A string as it is; anything else as JSON text. */
export function plain(value: Json | undefined): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}
