import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { follow } from "./follow.ts";
import { judge } from "./judge.ts";
import { type Lane, openLane } from "./lane.ts";
import { press, statusOf, untilEnded, untilEvent } from "./people.ts";
import { rotate } from "./rotate.ts";

describe("two workers and people's presses", { timeout: 240_000 }, () => {
  let lane: Lane;

  beforeAll(async () => {
    lane = await openLane({ mode: "postgres-role dual", queue: "Redis" });
  });
  afterAll(async () => {
    await lane?.close();
  });

  it("has each effect once when three workers are at it", async () => {
    const alone = await rotate(lane, {});
    const others = [follow(lane), follow(lane)];
    await Promise.all(others.map(({ child }) => child.ready));
    lane.proxy.reset();
    const together = await rotate(lane, {});
    await Promise.all(others.map(({ child }) => child.kill()));

    expect(await judge(lane, together, alone)).toEqual([]);
    expect(together.restarts).toEqual({ one: 1, two: 1 });
    const altered = lane.proxy
      .commands()
      .filter(({ text, accepted }) => text.startsWith("ALTER ROLE") && accepted === true);
    expect(altered).toHaveLength(3);
  });

  it("keeps the outcome of the step in the middle of which Hold is pressed, and goes on after Resume", async () => {
    const id = await lane.stage.approved();
    const unhook = lane.proxy.onCommand(async ({ text }) => {
      if (/^ALTER ROLE .* NOLOGIN$/.test(text)) {
        unhook();
        await press(lane, id, "hold");
      }
      return undefined;
    });
    const worker = follow(lane);
    await untilEvent(lane, id, ({ type }) => type === "held");
    expect(await statusOf(lane, id)).toBe("held");
    const rotation = await lane.stage.rotation(id);
    expect(rotation.steps["disable"]).toMatchObject({
      status: "done",
      effects: { disable: { outcomeAt: expect.any(String) } },
    });
    expect(rotation.steps["watch"]).toBeUndefined();

    await press(lane, id, "resume");
    await untilEnded(lane, id);
    await worker.child.kill();
    expect((await lane.stage.rotation(id)).ended?.status).toBe("done");
    expect(await lane.app.refused()).toBe(0);
  });
});
