import { describe, expect, it } from "vitest";
import type { Consumer, Finding } from "../../src/core/ports.ts";
import { survey } from "../../src/core/survey.ts";
import { at, planOf } from "./samples.ts";
import { sceneOf } from "./stub-context.ts";

it("says a finding of several consumers once", async () => {
  const laggard: Finding = { severity: "warning", code: "laggard", sentence: "job/import keeps the secret db" };
  const consumer = (...findings: readonly Finding[]): Consumer => ({
    preflight: () => Promise.resolve(findings),
    units: () => Promise.resolve(["a"]),
    reload: () => Promise.resolve(),
    instances: () => Promise.resolve([]),
    close: () => Promise.resolve(),
  });
  const nobody = () => Promise.reject(new Error("not asked"));
  const own = { ...laggard, sentence: "pod/debug reads the secret db" };

  const { findings } = await survey(
    {
      issuer: nobody,
      stores: nobody,
      consumers: () => Promise.resolve([consumer(laggard), consumer(laggard, own)]),
      checks: () => Promise.resolve([]),
      standby: () => Promise.resolve([]),
      resolve: nobody,
    },
    planOf(),
    "2026-11-21T10:00:00.000Z",
  );

  expect(findings.filter(({ code }) => code === "laggard")).toEqual([laggard, own]);
});

describe("what the stores hold is refused everywhere", () => {
  it.each([
    ["dual", "routine", "warning current_broken"],
    ["single", "leaked", "warning current_broken"],
    ["accept-first", "routine", "error runs_on_another"],
    ["accept-first", "leaked", "warning runs_on_another"],
    ["accept-first", undefined, "error runs_on_another"],
  ] as const)("%s, %s: %s", async (overlap, cause, expected) => {
    const { cause: _own, ...plan } = planOf({ overlap, triedAt: overlap === "accept-first" ? "consumer" : "issuer" });
    const { scene, context } = sceneOf(planOf(), "preflight", []);
    scene.strayed = "a value in use";
    const issuer = {
      ...(await context.open.issuer()),
      identify: async (fields: object) => ({
        ref: { principal: "app_a", generation: "one" },
        public: {},
        secret: {},
        ...fields,
      }),
      test: async () => ({ verdict: "refused", code: "401" }) as const,
    };
    const open = { ...context.open, issuer: async () => issuer };
    const seen = await survey(open, { ...plan, ...(cause === undefined ? {} : { cause }) }, at(0));
    expect(seen.present).toBe("broken");
    expect(seen.findings.map(({ severity, code }) => `${severity} ${code}`)).toEqual([expected]);
  });
});
