import { describe, expect, it } from "vitest";
import { aboutOf } from "../../src/core/about.ts";
import type { Stage } from "./stage.ts";
import { everywhere, tellTokens, told } from "./token-story.ts";

type Told = Partial<Parameters<typeof tellTokens>[0]>;

describe("what only people know, in accept-first", { timeout: 200_000 }, () => {
  it("instances that cannot be asked: a named person confirms each phase, and the proof says what it has not seen", async () => {
    await using story = await tell({ unasked: ["batch signer"] });
    const id = await story.stage.approved();
    let earlier = "";
    for (const step of ["accept", "sign"]) {
      const waiting = await story.stage.drive(id, (now) => now.steps[step]?.notes["ask"] !== undefined);
      expect(waiting.steps[step]?.notes["ask"]?.sentence).toMatch(/confirm that batch signer/);
      expect(waiting.steps[step === "accept" ? "publish-2" : "grace"]).toBeUndefined();
      const about = aboutOf(waiting, "confirm") ?? "";
      // A form that was opened for the step before, and a button that says nothing, answer none of this.
      for (const old of [earlier, ""]) {
        expect(await confirm(story.stage, id, `${step} ${old}`, "it ACCEPTS kid 3f", old)).toBe("older_card");
      }
      earlier = about;
      expect(await confirm(story.stage, id, step, "its log says kid 3f", about)).toBe("ok");
    }
    const done = await story.stage.drive(id);

    expect(done.ended, told(done)).toMatchObject({ status: "done" });
    expect(done.steps["accept"]?.sentence).toMatch(/a person confirmed it for batch signer/);
    expect(done.steps["accept"]?.confirmed).toMatchObject({ by: { id: "U-ada" }, evidence: "its log says kid 3f" });
    expect(done.steps["prove"]?.sentence).toMatch(/unproved for batch signer, which cannot be asked/);
  });

  it("a person's word before they were asked, or in the place of a refusal, counts for nothing", async () => {
    await using story = await tell({ unasked: ["batch signer"], ignoresPrevious: ["api-2"] });
    const id = await story.stage.approved();
    expect(await confirm(story.stage, id, "early", "all is well")).toBe("nothing_to_confirm");
    const rotation = await story.stage.drive(id);

    expect(rotation.ended, told(rotation)).toMatchObject({ status: "rolled_back" });
    expect(rotation.turnedBack?.reason).toMatchObject({ code: "not_accepted_everywhere" });
    expect(rotation.steps["accept"]?.confirmed).toBeUndefined();
  });

  it("something is accepted already: given up only where the request says so and people approve it by name; the way back brings it back", async () => {
    const somebodys = "somebody-elses-previous-key-0123456789";
    await using story = await tell({ values: { JWT_SECRET_PREVIOUS: somebodys }, watchMs: 60_000 });
    await expect(story.stage.approved()).rejects.toThrow(/accepted_not_empty/);
    const id = await story.stage.approved({ release: true });
    const { plan, findings } = await story.stage.rotation(id);
    expect(plan.releases).toHaveLength(story.world.services.length);
    expect(findings).toContainEqual(expect.objectContaining({ code: "accepted_released", severity: "warning" }));
    await story.stage.drive(id, undefined, "rollout");
    expect((await story.world.values())["JWT_SECRET_PREVIOUS"]).not.toBe(somebodys);
    expect((await story.press(id, "roll-back")).kind).toBe("ok");
    const rotation = await story.stage.drive(id);

    expect(rotation.ended, told(rotation)).toMatchObject({ status: "rolled_back" });
    expect((await story.world.values())["JWT_SECRET_PREVIOUS"]).toBe(somebodys);
  });
});

async function confirm(
  stage: Stage,
  rotationId: string,
  onceKey: string,
  detail: string,
  about?: string,
): Promise<string> {
  const asker = { kind: "slack", id: "U-ada", team: "T1" } as const;
  const answer = await stage.desk.press({ rotationId, asker, verb: "confirm", detail, about, onceKey });
  return answer.kind === "ok" ? "ok" : answer.refusal.code;
}

function tell(options: Omit<Told, "target">) {
  return tellTokens({
    instances: 2,
    ...options,
    target: (world) => ({
      rotator: {
        kind: "signing-key",
        maxTokenLife: `${String(world.tokenLifeMs)}ms`,
        clockSkew: "200ms",
        accept: [{ urls: everywhere(world, "/canary") }],
        sign: [{ urls: everywhere(world, "/login"), body: { user: "smoke" }, token: "$.token" }],
      },
      values: { JWT_SECRET: "{{key}}", JWT_SECRET_PREVIOUS: "{{accepted.key}}" },
    }),
  });
}
