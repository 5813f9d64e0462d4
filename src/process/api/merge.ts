/** The document with the members of `change` in it: objects are merged, everything else takes the place of what was there. */
export function merged(document: unknown, change: unknown): unknown {
  if (!isObject(change) || !isObject(document)) return change;
  const members = Object.entries(change).map(([name, value]) => [name, merged(document[name], value)] as const);
  return { ...document, ...Object.fromEntries(members) };
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
