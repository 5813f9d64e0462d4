import { describe, expect, it } from "vitest";
import { keptOf } from "../../../src/rotators/signing-key/key-sets-kept.ts";

const now = new Date("2026-11-21T10:00:00Z");
const date = "Sat, 21 Nov 2026 09:00:00 GMT";
const later = "Sat, 21 Nov 2026 11:00:00 GMT";

describe("how long a key set may be kept", () => {
  it.each([
    [{}, undefined, undefined],
    [{ "cache-control": "public, max-age=600" }, 600, undefined],
    [{ "cache-control": "max-age=60, s-maxage=3600" }, 3_600, undefined],
    [{ "cache-control": 'S-MaxAge="90",max-age=60' }, 90, undefined],
    [{ "cache-control": "max-age=60", expires: later, date }, 60, undefined],
    [{ expires: later, date }, 7_200, undefined],
    [{ expires: later }, 3_600, undefined],
    [{ expires: "0", date }, 0, undefined],
    [{ expires: "soon", date }, 0, undefined],
    [{ expires: date, date: later }, 0, undefined],
    [{ "cache-control": "max-age=600", age: "540" }, 600, 540],
    [{ age: "ten" }, undefined, undefined],
  ])("%j: %s s, %s s old", (headers, lifeS, ageS) => {
    expect(keptOf(new Map(Object.entries(headers).map(([name, value]) => [name, [value]])), now)).toEqual({
      lifeS,
      ageS,
    });
  });
});
