import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { follow } from "./follow.ts";
import { type Lane, openLane } from "./lane.ts";
import { press, statusOf, untilEnded, untilEvent } from "./people.ts";

for (const mode of ["postgres-role dual", "redis-acl two passwords", "redis-acl two users"] as const) {
  describe(`a leaked credential, ${mode}`, { timeout: 240_000 }, () => {
    let lane: Lane;

    beforeAll(async () => {
      lane = await openLane({ mode, queue: "PostgreSQL", graceMs: 3_600_000 });
    });
    afterAll(async () => {
      await lane?.close();
    });

    it("waits for no request that nobody has approved yet", async () => {
      const pending = await lane.stage.requested();
      const worker = follow(lane);
      const leaked = await lane.stage.approved({ leaked: true });
      await untilEnded(lane, leaked);
      await worker.child.kill();
      expect((await lane.stage.rotation(leaked)).ended?.status).toBe("done");
      expect(await statusOf(lane, pending)).toBe("pending");
      await press(lane, pending, "cancel");
      const other = follow(lane);
      await untilEnded(lane, pending);
      await other.child.kill();
    });

    it("waits for no rotation that is held in its grace", async () => {
      const routine = await lane.stage.approved();
      const worker = follow(lane);
      await untilEvent(lane, routine, (event) => event.type === "noted" && event.step === "grace");
      await press(lane, routine, "hold");
      await untilEvent(lane, routine, ({ type }) => type === "held");

      const leaked = await lane.stage.approved({ leaked: true });
      await untilEnded(lane, routine);
      await untilEnded(lane, leaked);
      await worker.child.kill();
      expect((await lane.stage.rotation(routine)).ended?.status).toBe("done");
      expect((await lane.stage.rotation(leaked)).ended?.status).toBe("done");
      expect(await lane.target.look()).toMatchObject({ live: [new URL(await lane.url()).username], passwords: 1 });
      expect(await lane.app.refused()).toBe(0);
    });
  });
}
