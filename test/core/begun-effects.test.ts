import { describe, expect, it } from "vitest";
import type { Event } from "../../src/core/events.ts";
import type { StepContext, StepResult } from "../../src/core/step.ts";
import { runDisable } from "../../src/core/steps/disable.ts";
import { runRevoke } from "../../src/core/steps/revoke.ts";
import { approved, at, done, planOf } from "./samples.ts";
import { sceneOf } from "./stub-context.ts";

const captured: Event = {
  type: "captured",
  present: "works",
  current: { ref: { principal: "app_a", generation: "one" }, public: {} },
  listed: [],
  stores: [],
  baselines: [null],
  red: [],
};
const graced: Event = {
  type: "grace_changed",
  by: { kind: "engine", id: "keyturn" },
  until: at(0),
  reason: { code: "grace", sentence: "" },
};
const issued: Event = { type: "issued", ref: { principal: "app_b", generation: "two" }, public: {} };

/** A step whose worker died between its intent and its call. */
function begunBy(step: "disable" | "revoke") {
  const plan = planOf();
  const index = plan.steps.findIndex(({ id }) => id === step);
  const before = [approved, captured, issued, graced, ...plan.steps.slice(0, index).flatMap(({ id }) => done(id))];
  const made = sceneOf(plan, step, before);
  void made.context.record([{ type: "intended", step, effect: step }]);
  return made;
}

describe.each([
  ["disable", runDisable],
  ["revoke", runRevoke],
] as const)(
  "%s, begun by a worker that died before the call",
  (step, run: (context: StepContext) => Promise<StepResult>) => {
    it("looks at every gate again before it is called", async () => {
      const { scene, context } = begunBy(step);
      scene.strayed = "somebody put the old value back";
      expect(await run(context)).toMatchObject({ kind: "again" });
      expect(scene.ended).toEqual([]);
      scene.strayed = undefined;
      scene.notices.set("retire", at(0));
      expect(await run(context)).toMatchObject({ kind: "done" });
      expect(scene.ended).toEqual([`${step} app_a`]);
    });
  },
);

it("disable that was done but not recorded waits for no gate, and what was seen before it stays the evidence", async () => {
  const { scene, context } = begunBy("disable");
  await context.note("probe", "the old credential was accepted just before", { key: "accepted" });
  scene.strayed = "somebody put the old value back";
  scene.trial = (slot) =>
    slot === "current" ? { verdict: "refused", code: "28000", disabled: true } : { verdict: "accepted", ms: 1 };
  expect(await runDisable(context)).toMatchObject({ kind: "done" });
  expect(context.state().notes["probe"]).toMatchObject({ key: "accepted" });
});
