import { describe, expect, it } from "vitest";
import { atPath, JsonPath } from "../../src/core/json-path.ts";

const document = { a: { b: [{ c: 1 }, null], "odd name": true }, "x-y": "z" };

describe("atPath", () => {
  it.each([
    ["$", document],
    ["$.a.b[0].c", 1],
    ["$.a.b[1]", null],
    ["$.a.b[2]", undefined],
    ['$.a["odd name"]', true],
    ["$.x-y", "z"],
    ["$.x-y.length", undefined],
    ["$.a.b.length", undefined],
    ["$.a.constructor", undefined],
    ["$.__proto__", undefined],
    ["$.none.deeper", undefined],
  ])("finds what stands at %s", (path, found) => {
    expect(JsonPath.parse(path)).toBe(path);
    expect(atPath(document, path)).toEqual(found);
  });

  it.each(["a.b", "$.", "$..a", "$.a[*]", "$.a[-1]", "$.a[?(@.b)]", "$.a b", ""])("refuses the path %j", (path) => {
    expect(JsonPath.safeParse(path).success).toBe(false);
  });
});
