import { describe, expect, it } from "vitest";
import type { Place } from "../../src/jobs/backend.ts";
import { openQueues } from "../../src/jobs/queues.ts";
import { startWorkers } from "../../src/jobs/workers.ts";
import { eventually } from "../contract/eventually.ts";
import { needs } from "../servers/need.ts";
import { freePort } from "../servers/port.ts";
import { startPostgres } from "../servers/postgres.ts";
import { startRedis } from "../servers/redis.ts";
import type { Server } from "../servers/server.ts";
import { silent } from "./silent.ts";

/** A queue server that goes away and comes back, perhaps with nothing left in it. */
function outage(name: string, start: () => Promise<{ readonly server: Server; readonly place: Place }>): void {
  it(`${name}: workers go on when it is back, and a wake-up that never arrived is swept up`, {
    timeout: 120_000,
  }, async () => {
    const { server, place } = await start();
    await using _server = server;
    const queues = openQueues(place, silent);
    const runs: string[] = [];
    const due: string[] = [];
    const workers = startWorkers({
      queues,
      advance: (id) => {
        runs.push(id);
        due.splice(0, due.length, ...due.filter((each) => each !== id));
        return Promise.resolve({ kind: "done" });
      },
      project: () => Promise.resolve({}),
      due: () => Promise.resolve([...due]),
      concurrency: 2,
      log: silent,
      sweepEveryMs: 500,
    });
    await queues.wake("before");
    await eventually(() => runs).toEqual(["before"]);
    await server.kill();
    await queues.wake("during");
    due.push("during");
    await server.restart();
    await eventually(() => runs).toContain("during");
    await queues.wake("after");
    await eventually(() => runs).toContain("after");
    await workers.drain();
    await queues.close();
  });
}

describe("a queue server that is away", () => {
  outage("PostgreSQL", async () => {
    const server = await startPostgres({ version: 18, config: ["synchronous_commit = on"] });
    return { server, place: { postgres: { connectionString: server.url } } };
  });
  needs("redis-server")("Redis", () => {
    outage("Redis", async () => {
      const server = await startRedis();
      return { server, place: { redis: server.url } };
    });
  });

  it.each([
    [
      "PostgreSQL",
      (port: number): Place => ({ postgres: { connectionString: `postgresql://x:y@127.0.0.1:${port}/x` } }),
    ],
    ["Redis", (port: number): Place => ({ redis: `redis://127.0.0.1:${port}` })],
  ])("never makes a caller fail or hang: %s", async (_name, place) => {
    const queues = openQueues(place(await freePort()), silent);
    await expect(queues.wake("r1")).resolves.toBeUndefined();
    await expect(queues.show("r1")).resolves.toBeUndefined();
    await queues.close();
  });
});
