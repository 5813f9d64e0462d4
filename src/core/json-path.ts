import { z } from "zod";

const shape = /^\$(?:\.[\w-]+|\[\d{1,6}\]|\["[^"\]]+"\])*$/;
const step = /\.([\w-]+)|\[(\d+)\]|\["([^"]+)"\]/g;

/** A place in a JSON document: `$.components.redis`, `$.items[0].id`, `$["odd name"]`. No wildcards, no filters. */
export const JsonPath = z.string().regex(shape, { error: "a path such as $.components.redis or $.items[0].id" });

/**
 * What stands at a path. Undefined when nothing stands there (an absent member, an index past the end, a step into a
 * scalar), so that it differs from a `null` that is there. Members that an object only inherits do not count.
 */
export function atPath(document: unknown, path: string): unknown {
  let here: unknown = document;
  for (const [, member, index, quoted] of path.matchAll(step)) {
    if (index === undefined) {
      here = memberOf(here, member ?? quoted ?? "");
    } else {
      here = Array.isArray(here) ? here[Number(index)] : undefined;
    }
  }
  return here;
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value) || !Object.hasOwn(value, name))
    return undefined;
  return new Map<string, unknown>(Object.entries(value)).get(name);
}
