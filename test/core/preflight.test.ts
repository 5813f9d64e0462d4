import { expect, it } from "vitest";
import { TryLater } from "../../src/core/errors.ts";
import { runPreflight } from "../../src/core/steps/preflight.ts";
import { approved, planOf } from "./samples.ts";
import { sceneOf } from "./stub-context.ts";

it("a check that cannot be asked at this moment is asked again; nothing is taken for changed", async () => {
  const { scene, context } = sceneOf(planOf(), "preflight", [approved]);
  const failing = async () => Promise.reject(new TryLater("http_unreachable", "nobody answers"));
  const deaf = { ...context, open: { ...context.open, checks: failing } };
  await expect(runPreflight(deaf)).rejects.toMatchObject({ name: "TryLater", code: "http_unreachable" });
  expect(scene.events).toEqual([]);
});

it("what is wrong for good ends the step, whatever else could not be asked", async () => {
  const { context } = sceneOf(planOf(), "preflight", [approved]);
  const failing = async () => Promise.reject(new TryLater("http_unreachable", "nobody answers"));
  const broken = async () => [{ severity: "error" as const, code: "gone", sentence: "it is gone" }];
  const consumers = async () => (await context.open.consumers()).map((each) => ({ ...each, preflight: broken }));
  const deaf = { ...context, open: { ...context.open, checks: failing, consumers } };
  expect(await runPreflight(deaf)).toMatchObject({ kind: "failed", reason: { code: "gone" } });
});
