import type { Finding } from "../../core/ports.ts";

/** A key of the store: a key of the object's data, and behind `#` a JSON pointer into the document that stands there. */
export type Key = { readonly name: string; readonly dataKey: string; readonly path: readonly string[] | undefined };

/** `config.yaml#/database/password`, or `PASSWORD`. A data key never holds a `#`, so the first one ends it. */
export function keyOf(name: string): Key {
  const at = name.indexOf("#");
  if (at === -1) return { name, dataKey: name, path: undefined };
  const parts = name
    .slice(at + 1)
    .split("/")
    .slice(1);
  const path = parts.map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
  return { name, dataKey: name.slice(0, at), path };
}

/** What is wrong with the names of keys, whatever the object holds. */
export function unfitKeys(names: readonly string[]): readonly Finding[] {
  const keys = names.map(keyOf);
  return keys.flatMap(({ name, dataKey, path }) => {
    if (!/^[-._a-zA-Z0-9]{1,253}$/.test(dataKey)) {
      return [
        error("store_key", `${name}: ${dataKey} is no key of a Secret or ConfigMap`, "letters, digits, - _ and . only"),
      ];
    }
    if (path !== undefined && (path.length === 0 || !name.includes("#/") || /~(?![01])/.test(name))) {
      const hint = "write the path as a JSON pointer: config.yaml#/database/password";
      return [error("store_key", `${name} does not say which field of ${dataKey} is meant`, hint)];
    }
    const clash = path === undefined ? undefined : keys.find((each) => covers(each, { name, dataKey, path }));
    if (clash === undefined) return [];
    return [error("store_key", `${name} lies within ${clash.name}, which is written too`, "name only one of them")];
  });
}

function covers(outer: Key, inner: Key): boolean {
  if (outer.name === inner.name || outer.dataKey !== inner.dataKey) return false;
  return outer.path === undefined || outer.path.every((part, index) => inner.path?.[index] === part);
}

function error(code: string, sentence: string, hint: string): Finding {
  return { severity: "error", code, sentence, hint };
}
