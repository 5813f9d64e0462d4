/** The names in `{{...}}` of all texts inside a value. */
export function marksIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [...value.matchAll(/\{\{\s*([^{}]*?)\s*\}\}/g)].map(([, name = ""]) => name);
  if (Array.isArray(value)) return value.flatMap((item: unknown) => marksIn(item));
  return typeof value === "object" && value !== null ? Object.values(value).flatMap((item) => marksIn(item)) : [];
}
