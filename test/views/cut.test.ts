import { describe, expect, it } from "vitest";
import { compose } from "../../src/core/algebra.ts";
import type { Event } from "../../src/core/events.ts";
import { textOf } from "../../src/views/blocks.ts";
import { controls } from "../../src/views/controls.ts";
import { cutLines } from "../../src/views/notice.ts";
import { runbook } from "../../src/views/runbook.ts";
import { approved, requested, rotationOf, samplePlan } from "./sample.ts";

const cut = "everybody logs in again, and tokens of one instance are refused by another for at most 60 s";
const window = { text: "Sun 02:00-06:00", zone: "Europe/Berlin", days: [0], fromMinute: 120, toMinute: 360 };
const { rotator, policy } = samplePlan();
const answers = { overlap: "single", origin: "proposed", triedAt: "consumer", disable: false, usage: "none" } as const;
const single = {
  rotator: { ...rotator, ...answers, words: { ...rotator.words, cut } },
  ...compose({ ...answers, present: "works" }),
};
const plan = samplePlan(single);

/** What is announced on a Saturday at 12:00 UTC. */
function announced(change: Parameters<typeof samplePlan>[0] = {}): string {
  const text = textOf(cutLines({ plan: { ...plan, ...change } }, "2026-11-21T12:00:00.000Z"));
  return text.replaceAll(/<!date\^\d+\^[^|]*\|([^>]*)>/g, "$1");
}

describe("a cut", () => {
  it("is announced with its earliest time, and with whom it refuses for how long", () => {
    expect(announced()).toBe(
      `notice: a cut comes not before 2026-11-21 12:15 UTC\n${cut}\nwhom that would hurt then says so now, or presses Hold`,
    );
    expect(announced({ policy: { ...policy, retire: window } })).toMatch(
      /^notice: a cut comes not before 2026-11-22 01:00 UTC, inside Sun 02:00-06:00 \(Europe\/Berlin\)\n/,
    );
    expect(announced({ cause: "leaked" })).toBe(`notice: a cut comes at once, because the credential leaked: ${cut}`);
  });

  it("stands in the plan as its first step, with window and notice", () => {
    const first = (change: Parameters<typeof samplePlan>[0] = {}) =>
      textOf(runbook({ ...plan, ...change }).slice(0, 1));
    expect(first()).toBe(`Announce the cut, and wait until it may come: at least 15 min before it; ${cut}`);
    expect(first({ policy: { ...policy, retire: window } })).toContain(
      "before it, inside Sun 02:00-06:00 (Europe/Berlin);",
    );
    expect(first({ cause: "leaked" })).toContain("at once, because it leaked;");
  });

  it("can be hurried while it waits, held and stopped; a leaked one waits for nothing", () => {
    const waiting: Event[] = [
      approved,
      { type: "step_started", step: "announce", attempt: 1 },
      { type: "noted", step: "announce", topic: "gates", key: "shut:window", sentence: "", detail: null, loud: false },
    ];
    const actions = (change: Parameters<typeof samplePlan>[0], events: readonly Event[]) =>
      controls(rotationOf([requested({ plan: { ...single, ...change } }), ...events])).map(({ action }) => action);
    expect(actions({}, waiting)).toEqual(["hold", "roll_back", "retire_now", "view_plan"]);
    expect(actions({}, [approved])).toEqual(["hold", "roll_back", "view_plan"]);
    expect(actions({ cause: "leaked" }, waiting)).toEqual(["hold", "roll_back", "view_plan"]);
  });
});
