import { describe, expect, it } from "vitest";
import { freshSecret } from "../../sandbox/world/token-first-values.ts";
import { everywhere, tellTokens, told } from "./token-story.ts";

describe("accept-first, when somebody changed the key in the stores and restarted nobody", { timeout: 200_000 }, () => {
  it("is refused until the instances run on it, because the first roll-out would make them refuse each other; a leaked one goes on", async () => {
    await using story = await tell();
    const { world, stage } = story;
    await world.rewrite({ JWT_SECRET: freshSecret() });
    await expect(stage.approved()).rejects.toThrow(/runs_on_another/);

    const leaked = await stage.approved({ leaked: true });
    const { plan, findings } = await stage.rotation(leaked);
    expect(plan.present).toBe("broken");
    expect(findings).toContainEqual(expect.objectContaining({ severity: "warning", code: "runs_on_another" }));
    const rotation = await stage.drive(leaked);
    expect(rotation.ended, told(rotation)).toMatchObject({ status: "done" });
    expect(rotation.steps["accept"]?.sentence).toMatch(/the old one was refused before anything was done/);

    await world.rewrite({ JWT_SECRET: freshSecret() });
    await expect(stage.approved()).rejects.toThrow(/runs_on_another/);
    await world.roll();
    expect((await stage.rotation(await stage.approved())).plan.present).toBe("works");
  });
});

/** Nobody can ask which key an instance signs with. */
function tell() {
  return tellTokens({
    instances: 2,
    target: (world) => ({
      rotator: {
        kind: "signing-key",
        maxTokenLife: `${String(world.tokenLifeMs)}ms`,
        clockSkew: "200ms",
        accept: [{ urls: everywhere(world, "/canary") }],
      },
      values: { JWT_SECRET: "{{key}}", JWT_SECRET_PREVIOUS: "{{accepted.key}}" },
    }),
  });
}
