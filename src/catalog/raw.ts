import type { Path } from "./problem.ts";

/** Looks into values whose shape is not proved yet: what is not there, or is something else, is absent. */
export function member(value: unknown, ...path: Path): unknown {
  return path.reduce<unknown>((inside, part) => {
    if (typeof inside !== "object" || inside === null || !Object.hasOwn(inside, part)) return undefined;
    const found: unknown = Reflect.get(inside, part);
    return found;
  }, value);
}

export function listAt(value: unknown, ...path: Path): readonly unknown[] {
  const found = member(value, ...path);
  return Array.isArray(found) ? found : [];
}

export function entriesAt(value: unknown, ...path: Path): readonly (readonly [string, unknown])[] {
  const found = member(value, ...path);
  return typeof found === "object" && found !== null && !Array.isArray(found) ? Object.entries(found) : [];
}

export function textAt(value: unknown, ...path: Path): string | undefined {
  const found = member(value, ...path);
  return typeof found === "string" ? found : undefined;
}

/** Every text inside a value, with its place. */
export function textsIn(value: unknown, path: Path = []): readonly { readonly text: string; readonly path: Path }[] {
  if (typeof value === "string") return [{ text: value, path }];
  if (Array.isArray(value)) return value.flatMap((each, index) => textsIn(each, [...path, index]));
  return entriesAt(value).flatMap(([key, each]) => textsIn(each, [...path, key]));
}
