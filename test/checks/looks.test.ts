import { describe, expect, it } from "vitest";
import { baselineOf, type Look, verdictOf } from "../../src/checks/looks.ts";
import { selectorText } from "../../src/connections/kubernetes/selector.ts";

const green = (name: string): Look => ({ name, failed: [], summary: "/health 200" });
const red = (name: string, part = "status"): Look => ({ name, failed: [part], summary: "/health 503" });
const seen = (...looks: readonly Look[]) => ({ looks, blind: [] });

describe("looks at several pods", () => {
  it("name five of the red pods and count the others", () => {
    const { summary, ok } = verdictOf(seen(...Array.from({ length: 17 }, (_, at) => red(`web-${at}`)), green("w")), {});

    expect(ok).toBe(false);
    expect(summary).toBe(
      "web-0, web-1, web-2, web-3, web-4, 12 more: /health 503 (17 of 18 pods red) (not as expected: status)",
    );
  });

  it("compare shares: two of six are no worse than one of three, and another part is", () => {
    const before = baselineOf(seen(red("a"), green("b"), green("c")));
    const six = [red("d"), red("e"), green("f"), green("g"), green("h"), green("i")];

    expect(verdictOf(seen(...six), before)).toMatchObject({ ok: false, warning: true });
    expect(verdictOf(seen(red("d", "login"), green("e"), green("f")), before).warning).toBeUndefined();
  });

  it("count pods that could not be looked at as not red, and are no verdict with them unless others are red", () => {
    const blind = [new Error("hidden")];
    const before = baselineOf(seen(red("a"), green("b")));

    expect(() => baselineOf({ looks: [green("a")], blind })).toThrow("hidden");
    expect(() => verdictOf({ looks: [green("a")], blind }, before)).toThrow("hidden");
    expect(() => verdictOf({ looks: [red("a")], blind }, before)).toThrow("hidden");
    expect(verdictOf({ looks: [red("a"), red("b")], blind }, before).warning).toBeUndefined();
  });

  it("stay one line of bounded length, whatever the pods say", () => {
    const looks = Array.from({ length: 50 }, (_, at) => ({ ...red(`web-${at}`), summary: `${at}`.repeat(300) }));

    expect(verdictOf(seen(...looks), {}).summary.length).toBeLessThan(500);
  });
});

describe("the selector of a workload as text", () => {
  it("joins labels and expressions: all must hold", () => {
    const matchExpressions = [
      { key: "tier", operator: "In", values: ["a", "b"] },
      { key: "old", operator: "NotIn", values: ["yes"] },
      { key: "shop", operator: "Exists", values: [] },
      { key: "test", operator: "DoesNotExist", values: [] },
    ];

    expect(selectorText({ matchLabels: { app: "web" }, matchExpressions })).toBe(
      "app=web,tier in (a,b),old notin (yes),shop,!test",
    );
  });

  it.each([
    ["selects everything", []],
    ["has an operator of tomorrow", [{ key: "a", operator: "Near", values: [] }]],
  ])("is refused when it %s: others' pods would be asked", (_, matchExpressions) => {
    expect(() => selectorText({ matchLabels: {}, matchExpressions })).toThrow();
  });
});
