import { describe, expect, it } from "vitest";
import { logLines } from "../../src/core/log-line.ts";

describe("logLines", () => {
  it.each([
    ["2026-11-21T09:12:33Z x", "2026-11-21T09:12:33.000Z"],
    ["2026-11-21 09:12:33,120 x", "2026-11-21T09:12:33.120Z"],
    ["2026-11-21T10:12:33.120456789+01:00 x", "2026-11-21T09:12:33.120Z"],
    ["2026-11-21T10:12:33+0100 host app[1]: x", "2026-11-21T09:12:33.000Z"],
    ["2026-11-21 09:12:33.120 UTC [17] LOG: x", "2026-11-21T09:12:33.120Z"],
    ["[2026-11-21 09:12:33] x", "2026-11-21T09:12:33.000Z"],
    ['{"level":30,"time":1795252353120,"msg":"x"}', "2026-11-21T09:12:33.120Z"],
    ['{"ts":1795252353.12,"msg":"x"}', "2026-11-21T09:12:33.120Z"],
    ['{"timestamp":"2026-11-21T09:12:33Z","msg":"x"}', "2026-11-21T09:12:33.000Z"],
    ["2026-99-99T99:99:99Z x", undefined],
    ["at 2026-11-21T09:12:33Z", undefined],
    ["x", undefined],
  ])("reads the time of %s", (line, at) => {
    expect(logLines(line)).toEqual([{ at, text: line }]);
  });

  it("gives a line without a time that of the line before, and leaves empty lines out", () => {
    const at = "2026-11-21T09:12:33.000Z";

    expect(logLines("early\n2026-11-21T09:12:33Z error\r\n\n   at f()\n")).toEqual([
      { at: undefined, text: "early" },
      { at, text: "2026-11-21T09:12:33Z error" },
      { at, text: "   at f()" },
    ]);
  });
});
