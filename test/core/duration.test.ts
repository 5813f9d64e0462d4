import { describe, expect, it } from "vitest";
import { Duration } from "../../src/core/duration.ts";

describe("Duration", () => {
  it.each([
    ["250ms", 250],
    ["15s", 15_000],
    ["30m", 1_800_000],
    ["24h", 86_400_000],
    ["7d", 604_800_000],
    ["0s", 0],
  ])("reads %s as %d ms", (text, ms) => {
    expect(Duration.parse(text)).toBe(ms);
  });

  it.each(["15", "s", "1.5h", "-1s", "1 s", "1w", ""])("refuses %j", (text) => {
    expect(Duration.safeParse(text).success).toBe(false);
  });
});
