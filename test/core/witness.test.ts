import { describe, expect, it } from "vitest";
import { aboutOf, writeDetail } from "../../src/core/about.ts";
import { compose } from "../../src/core/algebra.ts";
import { moves } from "../../src/core/decide.ts";
import type { Event } from "../../src/core/events.ts";
import { answerPress } from "../../src/core/presses.ts";
import { runWitness } from "../../src/core/steps/witness.ts";
import { waitingStep } from "../../src/core/waiting.ts";
import { approved, done, planOf } from "./samples.ts";
import { sceneOf } from "./stub-context.ts";

const sample = planOf();
const plan = {
  ...sample,
  ...compose({ ...sample.rotator, present: "works", byHand: true }),
  byHand: ["a test payment"],
};
const before: readonly Event[] = [
  approved,
  ...plan.steps
    .slice(
      0,
      plan.steps.findIndex(({ kind }) => kind === "witness"),
    )
    .flatMap(({ id }) => done(id)),
];
const command = { id: "c", rotationId: "r1", at: "", actor: { kind: "slack", id: "U1", team: "T1" } } as const;

describe("what a person tries by hand", () => {
  it("is asked for loudly, waited for without holding anybody's consumers, and done with their evidence", async () => {
    const { scene, context } = sceneOf(plan, "witness", before);
    expect(waitingStep(scene.rotation(), "confirm")).toBeUndefined();
    expect(await runWitness(context)).toMatchObject({ kind: "again" });
    expect(scene.events).toContainEqual(expect.objectContaining({ type: "noted", topic: "ask", loud: true }));
    expect(waitingStep(scene.rotation(), "confirm")?.id).toBe("witness");
    expect(moves(scene.rotation(), context.step)).toBe(false);
    const about = aboutOf(scene.rotation(), "confirm");
    const said = { ...command, verb: "confirm", detail: writeDetail({ text: "1 KES arrived at 12:04", about }) };
    await context.record(answerPress(scene.rotation(), said, scene.rotation().openedAt));
    expect(await runWitness(context)).toEqual({ kind: "done", sentence: "a person has tried by hand: a test payment" });
  });

  it("is not waited for while a leaked credential of the same target waits", async () => {
    const { scene, context } = sceneOf(plan, "witness", before);
    await runWitness(context);
    const way = { ...command, verb: "make-way", detail: "r2" };
    await context.record(answerPress(scene.rotation(), way, scene.rotation().openedAt));
    expect(await runWitness(context)).toMatchObject({
      kind: "done",
      sentence: expect.stringMatching(/^nobody has tried by hand/),
    });
  });
});
