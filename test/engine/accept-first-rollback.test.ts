import { describe, expect, it } from "vitest";
import { startTraffic } from "../../sandbox/world/token-traffic.ts";
import type { TokenWorld } from "../../sandbox/world/token-world.ts";
import { acceptedEverywhere } from "../crash/token-invariant.ts";
import { refusalsOf } from "../crash/token-world-seen.ts";
import { tellWithSwitch } from "./accept-first-shop.ts";
import { told } from "./token-story.ts";

const calm = { requestsPerSecond: 20, users: 10 };

describe("accept-first, when a check turns red", { timeout: 600_000 }, () => {
  it.concurrent.each([
    ["rollout", "verify", false],
    ["rollout-3", "verify", true],
  ] as const)(
    "after %s: it goes back by itself over every phase that was begun, and nobody is refused",
    async (last, step, again) => {
      await using story = await tellWithSwitch({ kind: "signing-key", watchMs: 60_000 });
      const { world, stage, health } = story;
      const before = await world.values();
      const traffic = startTraffic(world, calm);
      const { invariant, stop } = looking(world);
      const id = await stage.approved();
      await stage.drive(id, undefined, last);
      const published = await world.values();
      health.red = true;
      const turned = await stage.drive(id, ({ direction }) => direction === "back");
      expect(turned.turnedBack, told(turned)).toMatchObject({ by: { kind: "engine" }, reason: { code: "check_red" } });
      expect(turned.steps[step]?.status).toBe("failed");
      expect(turned.enabledAgain).toBe(again ? 1 : 0);
      health.red = false;
      const rotation = await stage.drive(id);
      await traffic.stop();
      await stop();

      expect(rotation.ended, told(rotation)).toMatchObject({ status: "rolled_back", leftovers: [] });
      expect(published).not.toEqual(before);
      expect(await world.values()).toEqual(before);
      expect(traffic.counts().requests).toBeGreaterThan(100);
      expect(traffic.counts().refused).toBe(0);
      expect(invariant.looks()).toBeGreaterThan(10);
      expect(invariant.broken()).toEqual([]);
    },
  );

  it("at no phase does a person's rollback leave an instance that makes what another refuses", async () => {
    await using story = await tellWithSwitch({ kind: "signing-key", watchMs: 60_000 });
    const { world, stage, press } = story;
    const before = await world.values();
    const traffic = startTraffic(world, calm);
    const { invariant, stop } = looking(world);
    for (const last of ["publish", "accept", "publish-2", "publish-3"]) {
      const id = await stage.approved();
      await stage.drive(id, undefined, last);
      expect((await press(id, "roll-back")).kind).toBe("ok");
      const rotation = await stage.drive(id);
      expect(rotation.ended, told(rotation)).toMatchObject({ status: "rolled_back", leftovers: [] });
      expect(await world.values()).toEqual(before);
    }
    await traffic.stop();
    await stop();
    expect(traffic.counts().refused).toBe(0);
    expect(invariant.broken()).toEqual([]);
  });
});

describe("one key in several services and no second variable, when a check turns red after the cut", () => {
  it("waits for a person, because going back is a second cut; refusals stay inside of the two", async () => {
    await using story = await tellWithSwitch({
      kind: "shared-key single",
      services: ["backend", "notifications", "treasury"],
      instances: 1,
    });
    const { world, stage, health, press } = story;
    const before = await world.values();
    const traffic = startTraffic(world, { requestsPerSecond: 40, internalShare: 1 });
    const id = await stage.approved();
    await stage.drive(id, undefined, "rollout");
    health.red = true;
    const stopped = await stage.drive(id);
    expect(stopped.block?.reason, told(stopped)).toMatchObject({ code: "check_red" });
    expect(stopped.turnedBack).toBeUndefined();
    expect(await world.values()).not.toEqual(before);

    health.red = false;
    expect((await press(id, "roll-back")).kind).toBe("ok");
    const rotation = await stage.drive(id);
    await traffic.stop();
    expect(rotation.ended, told(rotation)).toMatchObject({ status: "rolled_back", leftovers: [] });
    expect(await world.values()).toEqual(before);
    const cuts = ["rollout", "back-rollout"].map((step) => {
      const { effects = {}, doneAt = "" } = rotation.steps[step] ?? {};
      const from =
        Object.values(effects)
          .map(({ intendedAt }) => intendedAt)
          .toSorted()[0] ?? "";
      expect(Date.parse(doneAt) - Date.parse(from)).toBeLessThanOrEqual(60_000);
      return { from, to: doneAt };
    });
    const outside = (await refusalsOf(world)).filter((at) => !cuts.some(({ from, to }) => at >= from && at <= to));
    expect(outside, JSON.stringify(cuts)).toEqual([]);
  }, 240_000);
});

/** Tries what each instance makes at every other, four times a second. */
function looking(world: TokenWorld) {
  const invariant = acceptedEverywhere(world, "tokens");
  const timer = setInterval(() => void invariant.look(new Date().toISOString()), 250);
  const stop = async (): Promise<void> => {
    clearInterval(timer);
    await invariant.look("the end");
  };
  return { invariant, stop };
}
