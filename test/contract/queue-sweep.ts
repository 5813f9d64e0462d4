import { describe, expect, it } from "vitest";
import { eventually } from "./eventually.ts";
import type { QueuePlace } from "./queue.ts";
import { door, queueWorld } from "./queue-world.ts";

/** Sweeps: what the database calls due is woken, even when the queue has lost everything. */
export function sweepLaws(newPlace: () => Promise<QueuePlace>): void {
  describe("a sweep", () => {
    it("wakes what is due", async () => {
      await using world = await queueWorld(newPlace);
      const woken = new Set<string>();
      const all = Array.from({ length: 50 }, (_, index) => `r${index}`);
      world.workers({
        due: () => Promise.resolve(all.filter((id) => !woken.has(id))),
        advance: (id) => {
          woken.add(id);
          return Promise.resolve({ kind: "done" });
        },
      });
      await eventually(() => woken.size).toBe(50);
    });

    it("wakes what a dead worker held although that worker's job still counts as active", async () => {
      await using world = await queueWorld(newPlace);
      let begun = 0;
      const stuck = door();
      world.workers({
        concurrency: 5,
        orphaned: () => Promise.resolve(begun === 1 ? ["r1"] : []),
        advance: async () => {
          begun += 1;
          if (begun === 1) await stuck.passed;
          return { kind: "done" };
        },
      });
      await world.queues.wake("r1");
      await eventually(() => begun).toBeGreaterThan(1);
      stuck.open();
    });

    it("goes on after the queue has lost all it held, and brings lost rotations back", async () => {
      await using world = await queueWorld(newPlace);
      await world.queues.wake("r1", 3_600_000);
      let sweeps = 0;
      let lost = false;
      const runs: string[] = [];
      world.workers({
        due: () => {
          sweeps += 1;
          return Promise.resolve(lost ? ["r1"] : []);
        },
        advance: (id) => {
          runs.push(id);
          lost = false;
          return Promise.resolve({ kind: "done" });
        },
      });
      await eventually(() => sweeps).toBeGreaterThan(0);
      await world.at.wipe();
      lost = true;
      await eventually(() => runs).toContain("r1");
    });

    it("is one at a time over two workers, and the next one follows a failed one", async () => {
      await using world = await queueWorld(newPlace);
      let now = 0;
      let most = 0;
      let sweeps = 0;
      const due = async (): Promise<readonly string[]> => {
        now += 1;
        most = Math.max(most, now);
        await new Promise((resolve) => setTimeout(resolve, 300));
        now -= 1;
        sweeps += 1;
        if (sweeps === 1) throw new Error("no database");
        return [];
      };
      world.workers({ due, sweepEveryMs: 100 });
      world.workers({ due, sweepEveryMs: 100 });
      await eventually(() => sweeps).toBeGreaterThan(4);
      expect(most).toBe(1);
    });

    it("once an hour does more, over all workers, and no sweep waits for it; a worker that ends tells it and waits", async () => {
      await using world = await queueWorld(newPlace);
      let begun = 0;
      let ended = 0;
      let sweeps = 0;
      const hourly = async (signal: AbortSignal): Promise<void> => {
        begun += 1;
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        ended += 1;
        throw new Error("cut short");
      };
      const due = (): Promise<readonly string[]> => {
        sweeps += 1;
        return Promise.resolve([]);
      };
      const all = [1, 2].map(() => world.workers({ due, hourly, hourMs: 3_600_000, sweepEveryMs: 100 }));
      await eventually(() => begun).toBe(1);
      const before = sweeps;
      await eventually(() => sweeps).toBeGreaterThan(before + 3);
      for (const workers of all) await workers.drain();
      expect([begun, ended]).toEqual([1, 1]);
    });
  });
}
