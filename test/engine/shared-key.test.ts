import { describe, expect, it } from "vitest";
import { startTraffic } from "../../sandbox/world/token-traffic.ts";
import { everywhere, tellTokens, told } from "./token-story.ts";

/** TruLoad's: one key, four services, each of which calls the others with it. */
const services = ["truload-backend", "notifications-api", "treasury-api", "subscriptions-api"];

describe("shared-key in four services, under traffic between them", { timeout: 400_000 }, () => {
  it("with a previous-variable: nobody is refused from request to proof, and all four files change together", async () => {
    await using story = await tell("previous");
    const before = await keys(story.world);
    const traffic = startTraffic(story.world, { internalShare: 0.8, requestsPerSecond: 100 });
    const rotation = await story.stage.drive(await story.stage.approved());
    const counts = await traffic.stop();
    const after = await keys(story.world);

    expect(rotation.ended, told(rotation)).toMatchObject({ status: "done", leftovers: [] });
    expect(rotation.steps["prove"]?.sentence).toMatch(/^proved: old credential refused \(401/);
    expect(new Set(after).size).toBe(1);
    expect(after[0]).not.toBe(before[0]);
    expect(counts).toMatchObject({ refusedInternal: 0, refused: 0 });
    expect(counts.requests).toBeGreaterThan(500);
  });

  it("without one: everything is written first, all restart at once, and calls are refused no longer than was announced", async () => {
    await using story = await tell("single");
    const traffic = startTraffic(story.world, { internalShare: 0.8, requestsPerSecond: 100 });
    const rotation = await story.stage.drive(await story.stage.approved());
    const counts = await traffic.stop();

    expect(rotation.ended, told(rotation)).toMatchObject({ status: "done", leftovers: [] });
    expect(rotation.plan.rotator.words.cut).toMatch(/at most 60 s/);
    const reloads = Object.values(rotation.steps["rollout"]?.effects ?? {});
    expect(reloads).toHaveLength(services.length);
    const lastIntent = Math.max(...reloads.map(({ intendedAt }) => Date.parse(intendedAt)));
    const firstOutcome = Math.min(...reloads.map(({ outcomeAt = "" }) => Date.parse(outcomeAt)));
    expect(lastIntent).toBeLessThanOrEqual(firstOutcome);
    const { firstRefusal, lastRefusal } = counts;
    const refusedMs =
      firstRefusal === undefined ? 0 : Date.parse(lastRefusal ?? firstRefusal) - Date.parse(firstRefusal);
    const said = rotation.steps["rollout"]?.sentence ?? "";
    const [, seconds = ""] = /refusals were possible for ([\d.]+) s \(announced: at most 60 s\)$/.exec(said) ?? [];
    expect(Number(seconds)).toBeGreaterThan(0);
    expect(Number(seconds)).toBeLessThanOrEqual(60);
    expect(refusedMs).toBeLessThanOrEqual(60_000);
    expect(new Set(await keys(story.world)).size).toBe(1);
  });
});

async function keys(world: Parameters<typeof everywhere>[0]): Promise<readonly (string | undefined)[]> {
  return Promise.all(services.map(async (name) => (await world.values(name))["INTERNAL_SERVICE_KEY"]));
}

function tell(mode: "previous" | "single") {
  return tellTokens({
    instances: 1,
    services,
    target: (world) => ({
      rotator: {
        kind: "shared-key",
        mode,
        encoding: "hex",
        ...(mode === "previous" ? { inFlight: "2s" } : { restart: "60s" }),
        accept: [{ urls: everywhere(world, "/internal-canary") }],
      },
      values: {
        INTERNAL_SERVICE_KEY: "{{key}}",
        ...(mode === "previous" ? { INTERNAL_SERVICE_KEY_PREVIOUS: "{{accepted.key}}" } : {}),
      },
    }),
  });
}
