import { expect, it } from "vitest";
import { needs } from "../servers/need.ts";
import { startRedis } from "../servers/redis.ts";
import { expectInOrder, wholeStory } from "./in-order.ts";
import { approve, ended, happened, journal, request, rootOf, toldToTheEnd } from "./people.ts";
import { openStage } from "./stage.ts";

needs("redis-server")("two bots on one database and one queue", () => {
  it("do everything once, end at SIGTERM in the middle of a roll-out with exit code 0, and go on when they are back", {
    timeout: 180_000,
  }, async () => {
    await using redis = await startRedis();
    await using stage = await openStage({ bots: 2, env: { QUEUE_URL: redis.url } });
    stage.workspace.faults.duplicateDeliveries(true);
    const id = await request(stage, "postgres test because it is time");
    const root = await rootOf(stage, id);
    stage.shop.app.deaf.add("two");
    await approve(stage, id);
    await happened(stage, id, "step_started", "rollout");
    for (const bot of stage.bots) {
      bot.kill("SIGTERM");
    }
    expect(await Promise.all(stage.bots.map((bot) => bot.ended))).toEqual([0, 0]);
    expect((await journal(stage, id)).some((event) => event.type === "step_done" && event.step === "rollout")).toBe(
      false,
    );

    stage.shop.app.deaf.delete("two");
    await Promise.all([stage.start(), stage.start()]);
    expect(await ended(stage, id)).toBe("done");
    expectInOrder(await toldToTheEnd(stage, root), wholeStory);
    const issued = await journal(stage, id);
    expect(issued.filter(({ type }) => type === "issued")).toHaveLength(1);
    expect(issued.filter(({ type }) => type === "approved")).toHaveLength(1);
    expect(await stage.database.query("SELECT * FROM keyturn.rotations")).toHaveLength(1);
    expect(stage.shop.app.counts.refused).toBe(0);
  });
});
