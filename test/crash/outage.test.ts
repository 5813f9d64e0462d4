import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { startRedis } from "../servers/redis.ts";
import { startToxic, type Toxic } from "../servers/toxic.ts";
import { startWireProxy } from "../servers/wire-proxy.ts";
import { follow } from "./follow.ts";
import { judge } from "./judge.ts";
import { openLane } from "./lane.ts";
import { untilEnded } from "./people.ts";
import { rotate } from "./rotate.ts";

describe("what a rotation needs goes away in the middle", { timeout: 240_000 }, () => {
  it("waits while the issuer is away for 20 s, before the publish, and goes on by itself", async () => {
    let toxic: Toxic | undefined;
    const lane = await openLane({
      mode: "redis-acl two users",
      queue: "PostgreSQL",
      through: async (port) => {
        toxic = await startToxic(port);
        return toxic.port;
      },
    });
    try {
      const id = await lane.stage.approved();
      const worker = follow(lane);
      await worker.says("after append step_started test");
      await toxic?.set("refuse");
      await sleep(20_000);
      const waiting = await lane.stage.rotation(id);
      expect(waiting).toMatchObject({ direction: "forward", phase: "approved" });
      expect(waiting.steps["test"]?.notes["trouble"]).toBeDefined();
      expect(waiting.steps["publish"]).toBeUndefined();
      await toxic?.set("none");
      await untilEnded(lane, id);
      await worker.child.kill();
      expect((await lane.stage.rotation(id)).ended?.status).toBe("done");
      expect(await lane.app.refused()).toBe(0);
    } finally {
      await lane.close();
      await toxic?.[Symbol.asyncDispose]();
    }
  });

  it("goes on when the queue's server is restarted and has lost every job", async () => {
    await using server = await startRedis({ config: ["maxmemory-policy noeviction"] });
    const lane = await openLane({ mode: "postgres-role dual", queue: "Redis", place: { redis: server.url } });
    try {
      const id = await lane.stage.approved();
      const worker = follow(lane);
      await worker.says("after append step_started verify");
      await server.restart();
      await untilEnded(lane, id);
      await worker.child.kill();
      expect((await lane.stage.rotation(id)).ended?.status).toBe("done");
      expect(await lane.app.refused()).toBe(0);
    } finally {
      await lane.close();
    }
  });

  it("reads again when it cannot know whether an append was committed", async () => {
    let commits = 0;
    let lost = 0;
    const lane = await openLane({
      mode: "postgres-role dual",
      queue: "Redis",
      stateThrough: async (port) => {
        const proxy = await startWireProxy({ protocol: "postgres", port });
        const appended = new Set<number>();
        proxy.onReply(({ text, connection }) => {
          if (/^insert into "keyturn"\."events"/i.test(text)) appended.add(connection);
          if (!/^commit$/i.test(text) || !appended.delete(connection)) return "forward";
          commits += 1;
          if (commits % 7 !== 0) return "forward";
          lost += 1;
          return "drop";
        });
        return proxy;
      },
    });
    try {
      const undisturbed = await rotate(lane, {});
      const again = await rotate(lane, {});
      expect(lost).toBeGreaterThan(5);
      expect(await judge(lane, again, undisturbed)).toEqual([]);
      expect(again.journal.at(-1)?.event).toMatchObject({ status: "done" });
    } finally {
      await lane.close();
    }
  });
});
