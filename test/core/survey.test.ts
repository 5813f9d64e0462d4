import { expect, it } from "vitest";
import type { Consumer, Finding } from "../../src/core/ports.ts";
import { survey } from "../../src/core/survey.ts";
import { planOf } from "./samples.ts";

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
