import { expect, it } from "vitest";
import type { Event } from "../../src/core/events.ts";
import type { Instance } from "../../src/core/ports.ts";
import { runRollout } from "../../src/core/steps/rollout.ts";
import { approved, done, planOf } from "./samples.ts";
import { sceneOf, settled } from "./stub-context.ts";

const effect = "reload:command shop/one";

/** The first unit was reloaded at 0 s and had settled before the second one was begun, at 5 s. */
function start(nextWasBegun: boolean) {
  const plan = planOf();
  const index = plan.steps.findIndex(({ id }) => id === "rollout");
  const before: Event[] = [approved, ...plan.steps.slice(0, index).flatMap(({ id }) => done(id))];
  const made = sceneOf(plan, "rollout", before);
  const record = (seconds: number, name: string): Promise<unknown> => {
    made.scene.seconds = seconds;
    return made.context.effect(name, () => Promise.resolve({ detail: {} }));
  };
  return {
    ...made,
    begin: async () => {
      await record(0, effect);
      if (nextWasBegun) await record(5, "reload:command shop/two");
    },
  };
}

const unready = (...ids: readonly string[]): readonly Instance[] =>
  ids.map((id) => ({ ...settled, id: `one/${id}`, ready: false, detail: "is not ready" }));

it("gives a unit that had settled its whole time again when a pod of it is moved later", async () => {
  const { scene, context, begin } = start(true);
  await begin();
  scene.seconds = 1_000;
  scene.instances = unready("a");
  expect(await runRollout(context)).toMatchObject({ kind: "again" });
  expect(scene.events.at(-1)).toMatchObject({ type: "noted", loud: true, sentence: expect.stringContaining("one/a") });
  scene.instances = [settled];
  scene.seconds = 1_010;
  await runRollout(context);
  scene.instances = unready("a");
  scene.seconds = 1_170;
  expect(await runRollout(context)).toMatchObject({ kind: "again" });
  scene.seconds = 1_349;
  expect(await runRollout(context)).toMatchObject({ kind: "again" });
  scene.seconds = 1_350;
  expect(await runRollout(context)).toMatchObject({ kind: "failed", reason: { code: "not_settled" } });
});

it("counts from its reload where it never settled, and names every instance that did not, the first five of them", async () => {
  const { scene, context, begin } = start(false);
  await begin();
  scene.instances = [{ ...settled, id: "one/z" }, ...unready("a", "b", "c")];
  scene.seconds = 179;
  expect(await runRollout(context)).toMatchObject({ kind: "again" });
  const progress = scene.events.findLast((event) => event.type === "noted" && event.topic.startsWith("progress"));
  expect(progress).toMatchObject({ sentence: "command shop: 1 of 4 on the new value; not yet: one/a, one/b, one/c" });
  scene.seconds = 180;
  scene.instances = [{ ...settled, id: "one/z" }, ...unready("a", "b", "c", "d", "e", "f", "g")];
  expect(await runRollout(context)).toMatchObject({
    kind: "failed",
    reason: { code: "not_settled", sentence: expect.stringMatching(/one\/a: is not ready;.* one\/e: .* and 2 more$/) },
  });
});
