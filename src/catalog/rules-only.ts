import { nearest } from "../core/nearest.ts";
import type { BoundTarget } from "./bound.ts";
import type { Mistake } from "./problem.ts";
import { entriesAt, listAt } from "./raw.ts";

/** `only` of a value names public fields of the rotator: a secret one would have to be written out in the catalog. */
export function onlyRules(target: BoundTarget): readonly Mistake[] {
  const fields = target.rotator?.shape.fields;
  if (fields === undefined) return [];
  const open = Object.keys(fields).filter((name) => fields[name] === "public");
  return listAt(target.value, "publish").flatMap((entry, index) =>
    entriesAt(entry, "values").flatMap(([key, value]) =>
      entriesAt(value, "only")
        .filter(([field]) => !open.includes(field))
        .map(([field]): Mistake => {
          const near = nearest(field, open);
          const isSecret = Object.hasOwn(fields, field);
          return {
            path: [...target.path, "publish", index, "values", key, "only", field],
            at: "key",
            found: field,
            allowed: open,
            sentence: isSecret ? `"${field}" is a secret field` : `the rotator has no field "${field}"`,
            hint: near === undefined ? `only compares ${open.join(", ")}` : `did you mean ${near}?`,
          };
        }),
    ),
  );
}
