import { describe, expect, it } from "vitest";
import type { Event } from "../../src/core/events.ts";
import { headlineOf } from "../../src/core/headline.ts";
import { leftoversOf, liveNow } from "../../src/core/live.ts";
import { approved, at, begun, done, planOf, rotationOf } from "./samples.ts";

const by = { kind: "slack", id: "U-ada" } as const;
const reason = { code: "x", sentence: "the reason" };
const back: Event = { type: "turned_back", by, reason };
const issued: Event = { type: "issued", ref: { principal: "app_b", generation: "two" }, public: {} };
const walked = (last: string): Event[] => {
  const { steps } = planOf();
  const upTo = steps.slice(0, steps.findIndex(({ id }) => id === last) + 1);
  return [approved, ...upTo.flatMap(({ id }) => [...done(id), ...(id === "issue" ? [issued] : [])])];
};

describe("headlineOf", () => {
  it.each<[string, readonly Event[], string, string]>([
    ["a request", [], "pending", "waiting for approval"],
    ["the step under way", [...walked("issue"), ...begun("test")], "running", planOf().steps[2]?.title ?? ""],
    ["the next step", walked("issue"), "running", planOf().steps[2]?.title ?? ""],
    [
      "a hold",
      [...walked("issue"), { type: "held", by, until: at(99), because: "" }],
      "held",
      `${planOf().steps[2]?.title ?? ""} (held)`,
    ],
    [
      "a block",
      [...walked("issue"), { type: "blocked", step: "test", reason, live: "" }],
      "blocked",
      "blocked: the reason",
    ],
    ["the way back", [...walked("verify"), back], "running", `going back: ${planOf().back[0]?.title ?? ""}`],
    [
      "a hold does not show on the way back",
      [...walked("verify"), back, { type: "held", by, until: at(99), because: "" }],
      "running",
      `going back: ${planOf().back[0]?.title ?? ""} (held)`,
    ],
    ["the end", [{ type: "ended", status: "cancelled", sentence: "it is over", leftovers: [] }], "ended", "it is over"],
  ])("%s", (_, events, status, line) => {
    expect(headlineOf(rotationOf(events))).toMatchObject({
      id: "r1",
      secret: "postgres",
      environment: "prod",
      status,
      line,
    });
  });
});

describe("what is alive", () => {
  it.each<[string, readonly Event[], string]>([
    ["at the start", [approved], "the old credential (app_a) works; no new one was issued"],
    ["after issue", walked("issue"), "the old credential (app_a) works; the new one (app_b) was issued"],
    ["after disable", walked("disable"), "the old credential (app_a) may be disabled; the new one (app_b) was issued"],
    [
      "after a revoke was begun",
      [...walked("recheck-2"), ...begun("revoke")],
      "the old credential is revoked or being revoked; the new one (app_b) was issued",
    ],
  ])("%s", (_, events, sentence) => {
    expect(liveNow(rotationOf(events))).toBe(sentence);
  });

  it("an abandoned one lists both; one that took the new one back lists the old one only; a finished one none", () => {
    const names = (events: readonly Event[], status: "closed" | "done" = "closed") =>
      leftoversOf(rotationOf(events), status).map(({ ref }) => ref.principal);
    expect(names(walked("verify"))).toEqual(["app_a", "app_b"]);
    expect(names([...walked("verify"), back, ...done("back-revoke")])).toEqual(["app_a"]);
    expect(names([...walked("recheck-2"), ...begun("revoke")])).toEqual(["app_b"]);
    expect(names(walked("prove"), "done")).toEqual([]);
  });
});
