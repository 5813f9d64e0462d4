import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { newId } from "../../src/jobs/put.ts";
import type { Advance } from "../../src/jobs/rotation-job.ts";
import { eventually } from "./eventually.ts";
import type { QueuePlace } from "./queue.ts";
import { door, queueWorld } from "./queue-world.ts";

/** Wake-ups: at the right time, merged while they wait, never lost. */
export function wakeLaws(newPlace: () => Promise<QueuePlace>): void {
  describe("a wake-up", () => {
    it("with a delay runs after it, and after one without", async () => {
      await using world = await queueWorld(newPlace);
      const runs: { id: string; at: number }[] = [];
      const asked = Date.now();
      await world.queues.wake("late", 1_000);
      await world.queues.wake("now");
      world.workers({ advance: noting((id) => runs.push({ id, at: Date.now() })) });
      await eventually(() => runs.map((run) => run.id)).toEqual(["now", "late"]);
      expect((runs[1]?.at ?? 0) - asked).toBeGreaterThanOrEqual(1_000);
    });

    it("is one run for any number of calls that came before it ran", async () => {
      await using world = await queueWorld(newPlace);
      await Promise.all(Array.from({ length: 20 }, () => world.queues.wake("r1")));
      await world.queues.wake("r2");
      const runs: string[] = [];
      world.workers({ advance: noting((id) => runs.push(id)), concurrency: 1 });
      await eventually(() => runs).toContain("r2");
      await world.queues.wake("r3");
      await eventually(() => runs).toEqual(["r1", "r2", "r3"]);
    });

    it("with a delay takes the place of an earlier one that has not come due", async () => {
      await using world = await queueWorld(newPlace);
      await world.queues.wake("r1", 3_600_000);
      await world.queues.wake("r1", 100);
      const runs: string[] = [];
      world.workers({ advance: noting((id) => runs.push(id)) });
      await eventually(() => runs).toEqual(["r1"]);
      await world.queues.wake("r1", 3_600_000);
      await world.queues.wake("r1", 100);
      await eventually(() => runs).toEqual(["r1", "r1"]);
    });

    it("during a run gives one more run, however often it came", async () => {
      await using world = await queueWorld(newPlace);
      const first = door();
      const runs: string[] = [];
      world.workers({
        advance: async (id) => {
          runs.push(id);
          if (runs.length === 1) await first.passed;
          return { kind: "done" };
        },
      });
      await world.queues.wake("r1");
      await eventually(() => runs).toEqual(["r1"]);
      for (let times = 0; times < 5; times += 1) await world.queues.wake("r1");
      first.open();
      await eventually(() => runs).toEqual(["r1", "r1"]);
      await world.queues.wake("end");
      await eventually(() => runs).toEqual(["r1", "r1", "end"]);
    });

    it("during a run is not lost to that run's own wish to be looked at much later", async () => {
      await using world = await queueWorld(newPlace);
      const first = door();
      let runs = 0;
      world.workers({
        advance: async () => {
          runs += 1;
          if (runs === 1) await first.passed;
          return { kind: "again", afterMs: 3_600_000 };
        },
      });
      await world.queues.wake("r1", 1);
      await eventually(() => runs).toBe(1);
      await world.queues.wake("r1");
      first.open();
      await eventually(() => runs).toBe(2);
    });

    it("is followed by the looks that its run asks for, and by none when it is done", async () => {
      await using world = await queueWorld(newPlace);
      const answers = [
        { kind: "again", afterMs: 0 },
        { kind: "again", afterMs: 50 },
        { kind: "waiting", untilMs: 50 },
        { kind: "waiting", untilMs: 0 },
        { kind: "done" },
      ] as const;
      let runs = 0;
      world.workers({
        advance: () => {
          const answer = answers[runs];
          runs += 1;
          return Promise.resolve(answer ?? { kind: "done" });
        },
      });
      await world.queues.wake("r1");
      await eventually(() => runs).toBe(5);
      await world.queues.wake("r1");
      await eventually(() => runs).toBe(6);
    });

    it("is tried again when its run throws", { timeout: 30_000 }, async () => {
      await using world = await queueWorld(newPlace);
      let runs = 0;
      world.workers({
        advance: () => {
          runs += 1;
          return runs === 1 ? Promise.reject(new Error("no database")) : Promise.resolve({ kind: "done" });
        },
      });
      await world.queues.wake("r1");
      await eventually(() => runs).toBe(2);
    });

    it("under an id that exists would be ignored without a word, so that no id is used twice", async () => {
      await using world = await queueWorld(newPlace);
      await world.queues.rotations.add("now", { rotationId: "first" }, { jobId: "same-1" });
      await world.queues.rotations.add("now", { rotationId: "second" }, { jobId: "same-1" });
      await world.queues.wake("r9");
      const runs: string[] = [];
      world.workers({ advance: noting((id) => runs.push(id)), concurrency: 1 });
      await eventually(() => runs).toEqual(["first", "r9"]);
      const ids = Array.from({ length: 1_000 }, () => newId("r1"));
      expect(new Set(ids).size).toBe(1_000);
      expect(ids.every((id) => /^r1-\d+$/.test(id))).toBe(true);
    });

    it("runs on another worker when the process that held it is killed", { timeout: 60_000 }, async () => {
      await using world = await queueWorld(newPlace);
      await world.queues.wake("r1");
      const script = fileURLToPath(new URL("../jobs/worker-child.ts", import.meta.url));
      const child = spawn(process.execPath, [script, JSON.stringify(world.at.place)], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const [line] = await once(createInterface({ input: child.stdout }), "line");
      expect(line).toBe("holds r1");
      child.kill("SIGKILL");
      const runs: string[] = [];
      world.workers({ advance: noting((id) => runs.push(id)) });
      await eventually(() => runs).toEqual(["r1"]);
    });
  });
}

function noting(note: (id: string) => void): Advance {
  return (rotationId) => {
    note(rotationId);
    return Promise.resolve({ kind: "done" });
  };
}
