import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RetireWindow } from "../../src/core/policy.ts";
import { insideWindow, nextOpening } from "../../src/core/window.ts";

const berlin: RetireWindow = {
  text: "Mon-Fri 09:00-16:00",
  zone: "Europe/Berlin",
  days: [1, 2, 3, 4, 5],
  fromMinute: 540,
  toMinute: 960,
};

describe("insideWindow", () => {
  it.each([
    ["winter, one minute before", "2026-01-12T07:59:59.000Z", false],
    ["winter, at the opening", "2026-01-12T08:00:00.000Z", true],
    ["winter, the last second", "2026-01-12T14:59:59.000Z", true],
    ["winter, at the end", "2026-01-12T15:00:00.000Z", false],
    ["summer, at the opening", "2026-07-13T07:00:00.000Z", true],
    ["summer, one minute before", "2026-07-13T06:59:00.000Z", false],
    ["summer, at the end", "2026-07-13T14:00:00.000Z", false],
    ["a Saturday", "2026-01-10T10:00:00.000Z", false],
    ["Friday in UTC and Saturday there", "2026-01-09T23:30:00.000Z", false],
  ])("%s", (_, now, inside) => {
    expect(insideWindow(berlin, now)).toBe(inside);
  });

  it("a window over the hour that does not exist, and over the one that comes twice", () => {
    const night: RetireWindow = { ...berlin, days: [0], fromMinute: 120, toMinute: 180 };
    const inMarch = ["2026-03-29T00:30:00.000Z", "2026-03-29T01:00:00.000Z", "2026-03-29T01:30:00.000Z"];
    expect(inMarch.map((now) => insideWindow(night, now))).toEqual([false, false, false]);
    const inOctober = ["2026-10-25T00:30:00.000Z", "2026-10-25T01:30:00.000Z", "2026-10-25T02:30:00.000Z"];
    expect(inOctober.map((now) => insideWindow(night, now))).toEqual([true, true, false]);
  });

  it("a window to midnight holds its last minute", () => {
    const late: RetireWindow = { ...berlin, zone: "UTC", fromMinute: 1_380, toMinute: 1_440 };
    expect(insideWindow(late, "2026-01-12T23:59:59.000Z")).toBe(true);
    expect(insideWindow(late, "2026-01-13T00:00:00.000Z")).toBe(false);
  });
});

describe("nextOpening", () => {
  it.each([
    ["the same day", "2026-01-12T05:00:00.000Z", "2026-01-12T08:00:00.000Z"],
    ["over a weekend", "2026-01-09T15:00:00.000Z", "2026-01-12T08:00:00.000Z"],
    ["over the change to summer time", "2026-03-27T15:00:00.000Z", "2026-03-30T07:00:00.000Z"],
    ["over the change to winter time", "2026-10-23T14:00:00.000Z", "2026-10-26T08:00:00.000Z"],
  ])("%s", (_, now, opens) => {
    expect(nextOpening(berlin, now)).toBe(opens);
  });

  it("finds a window that is shorter than a quarter of an hour", () => {
    const short: RetireWindow = { ...berlin, zone: "UTC", fromMinute: 541, toMinute: 544 };
    expect(nextOpening(short, "2026-01-12T09:04:00.000Z")).toBe("2026-01-13T09:01:00.000Z");
  });

  it("is always inside, and nothing between now and then is, minute by minute", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 364 * 24 * 60 }), (minutes) => {
        const now = new Date(Date.parse("2026-01-01T00:00:00.000Z") + minutes * 60_000).toISOString();
        const opens = nextOpening(berlin, now);
        expect(insideWindow(berlin, opens)).toBe(true);
        expect(insideWindow(berlin, new Date(Date.parse(opens) - 60_000).toISOString()) && opens > now).toBe(false);
      }),
      { numRuns: 60 },
    );
  });
});
