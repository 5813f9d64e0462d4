import { z } from "zod";

/** The keys that a schema has at a place, for "did you mean". Empty where it takes any. */
export function keysAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): readonly string[] {
  const [part, ...rest] = path;
  if (schema instanceof z.ZodUnion) return [...new Set(schema.options.flatMap((option) => keysAt(option, path)))];
  if (schema instanceof z.ZodPipe) return keysAt(schema.in, path);
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodExactOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodReadonly
  ) {
    return keysAt(schema.unwrap(), path);
  }
  if (schema instanceof z.ZodObject) {
    if (part === undefined) return Object.keys(schema.shape);
    const member = Object.hasOwn(schema.shape, part) ? schema.shape[String(part)] : undefined;
    return member === undefined ? [] : keysAt(member, rest);
  }
  if (schema instanceof z.ZodArray) return part === undefined ? [] : keysAt(schema.element, rest);
  if (schema instanceof z.ZodRecord) return part === undefined ? [] : keysAt(schema.valueType, rest);
  return [];
}
