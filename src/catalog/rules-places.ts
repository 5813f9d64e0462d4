import type { BoundTarget } from "./bound.ts";
import { type Mistake, type Path, pathText } from "./problem.ts";
import { entriesAt, listAt, textAt } from "./raw.ts";

/** No two targets have one name, and no two publishes write one key. */
export function placeRules(targets: readonly BoundTarget[]): readonly Mistake[] {
  return [...sameName(targets), ...sameKey(targets)];
}

function sameName(targets: readonly BoundTarget[]): readonly Mistake[] {
  const seen = new Map<string, Path>();
  return targets.flatMap(({ value, path }) => {
    const [secret, environment] = [textAt(value, "secret"), textAt(value, "environment")];
    if (secret === undefined || environment === undefined) return [];
    const name = `${secret} ${environment}`;
    const first = seen.get(name);
    seen.set(name, first ?? path);
    if (first === undefined) return [];
    const hint = "give one of them another secret or environment";
    return [
      { path: [...path, "secret"], found: name, sentence: `this target stands at ${pathText(first)} already`, hint },
    ];
  });
}

function sameKey(targets: readonly BoundTarget[]): readonly Mistake[] {
  const seen = new Map<string, Path>();
  return targets.flatMap(({ value, path, stores }) =>
    listAt(value, "publish").flatMap((entry, index) => {
      const label = stores[index]?.shape.label;
      if (label === undefined) return [];
      return entriesAt(entry, "values").flatMap(([key]) => {
        const place = JSON.stringify([label, key]);
        const here = [...path, "publish", index, "values", key];
        const first = seen.get(place);
        seen.set(place, first ?? here);
        if (first === undefined) return [];
        const sentence = `${label} has ${key} written by ${pathText(first.slice(0, 2))} already`;
        const mistake: Mistake = { path: here, at: "key", found: key, sentence, hint: "one key belongs to one target" };
        return [mistake];
      });
    }),
  );
}
