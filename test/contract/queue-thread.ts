import { describe, expect, it } from "vitest";
import { TryLater } from "../../src/core/errors.ts";
import { threadBudget } from "../../src/jobs/thread-job.ts";
import { eventually } from "./eventually.ts";
import type { QueuePlace } from "./queue.ts";
import { door, queueWorld } from "./queue-world.ts";

/** Threads: the newest state is shown in the end, and all workers together keep to Slack's budget. */
export function threadLaws(newPlace: () => Promise<QueuePlace>): void {
  describe("a thread", () => {
    it("is brought up to date once for any number of calls before, and once more for calls during it", async () => {
      await using world = await queueWorld(newPlace);
      for (let times = 0; times < 10; times += 1) await world.queues.show("r1");
      const first = door();
      const runs: string[] = [];
      world.workers({
        budget: { max: 100, duration: 100 },
        project: async (id) => {
          runs.push(id);
          if (runs.length === 1) await first.passed;
          return {};
        },
      });
      await eventually(() => runs).toEqual(["r1"]);
      for (let times = 0; times < 10; times += 1) await world.queues.show("r1");
      first.open();
      await eventually(() => runs).toEqual(["r1", "r1"]);
      await world.queues.show("end");
      await eventually(() => runs).toEqual(["r1", "r1", "end"]);
    });

    it("shows its last state after refusals of Slack, whatever came in between", async () => {
      await using world = await queueWorld(newPlace);
      let state = "running";
      const shown: string[] = [];
      let refusals = 3;
      world.workers({
        budget: { max: 100, duration: 100 },
        project: () => {
          if (refusals > 0) {
            refusals -= 1;
            return Promise.reject(new TryLater("slack_unreachable", "slack is away", { afterMs: 200 }));
          }
          shown.push(state);
          return Promise.resolve({});
        },
      });
      await world.queues.show("r1");
      await eventually(() => refusals).toBeLessThan(3);
      state = "ended";
      await world.queues.show("r1");
      await eventually(() => shown.at(-1)).toBe("ended");
      expect(refusals).toBe(0);
    });

    it("comes again when there is more to show", async () => {
      await using world = await queueWorld(newPlace);
      let runs = 0;
      world.workers({
        budget: { max: 100, duration: 100 },
        project: () => {
          runs += 1;
          return Promise.resolve(runs < 3 ? { again: 20 } : {});
        },
      });
      await world.queues.show("r1");
      await eventually(() => runs).toBe(3);
      await world.queues.show("r1");
      await eventually(() => runs).toBe(4);
    });

    it("shows what happens while a later look is planned, without waiting for that look", async () => {
      await using world = await queueWorld(newPlace);
      let runs = 0;
      world.workers({
        budget: { max: 100, duration: 100 },
        project: () => {
          runs += 1;
          return Promise.resolve({ again: 600_000 });
        },
      });
      for (const expected of [1, 2, 3]) {
        await world.queues.show("r1");
        await eventually(() => runs).toBe(expected);
      }
    });

    it("waits for the budget that two workers share", { timeout: 30_000 }, async () => {
      await using world = await queueWorld(newPlace);
      const at: number[] = [];
      const options = {
        budget: { max: 2, duration: 2_500 },
        project: () => {
          at.push(Date.now());
          return Promise.resolve({});
        },
      };
      for (let index = 0; index < 6; index += 1) await world.queues.show(`r${index}`);
      world.workers(options);
      world.workers(options);
      await eventually(() => at.length).toBe(6);
      // A run starts a moment after its claim, which is what the budget counts: hence the tolerance.
      for (let index = 2; index < 6; index += 1) expect((at[index] ?? 0) - (at[index - 2] ?? 0)).toBeGreaterThan(1_000);
    });

    it("has a budget of at most 40 in any minute", () => {
      const windows = Math.ceil(60_000 / threadBudget.duration);
      expect((windows + 1) * threadBudget.max).toBeLessThanOrEqual(40);
    });
  });
}
