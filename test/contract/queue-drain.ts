import { describe, expect, it } from "vitest";
import { eventually } from "./eventually.ts";
import type { QueuePlace } from "./queue.ts";
import { door, queueWorld } from "./queue-world.ts";

/** The end of a process: nothing is cut, nothing is forgotten. */
export function drainLaws(newPlace: () => Promise<QueuePlace>): void {
  describe("a drain", () => {
    it("asks what runs to hand over, waits for it, and leaves the rest to another worker", async () => {
      await using world = await queueWorld(newPlace);
      const call = door();
      const seen: string[] = [];
      const draining = world.workers({
        concurrency: 1,
        advance: async (id, signal) => {
          seen.push(`began ${id}`);
          await call.passed;
          seen.push(signal.aborted ? `handed over ${id}` : `finished ${id}`);
          return signal.aborted ? { kind: "again", afterMs: 0 } : { kind: "done" };
        },
      });
      await world.queues.wake("r1");
      await eventually(() => seen).toEqual(["began r1"]);
      await world.queues.wake("r2");
      const drained = draining.drain().then(() => seen.push("drained"));
      call.open();
      await drained;
      expect(seen).toEqual(["began r1", "handed over r1", "drained"]);
      const runs = new Set<string>();
      world.workers({
        advance: (id) => {
          runs.add(id);
          return Promise.resolve({ kind: "done" });
        },
      });
      await eventually(() => [...runs].toSorted()).toEqual(["r1", "r2"]);
    });
  });
}
