import { backendAt, type Place } from "../src/jobs/backend.ts";
import { openQueues } from "../src/jobs/queues.ts";
import { startWorkers } from "../src/jobs/workers.ts";
import { silent } from "../test/jobs/silent.ts";
import { freshDatabase } from "../test/servers/fresh-database.ts";
import { findProgram } from "../test/servers/program.ts";
import { startRedis } from "../test/servers/redis.ts";
import { type Row, time } from "./table.ts";

const count = 1_000;
/** As the bot has it by default. */
const concurrency = 8;

/**
 * A thousand rotations that are due at once, until one worker process has looked at each of them once. The look itself does
 * nothing, so that what is left is the sweep and its jobs; the floor is as many bare jobs in the same queue.
 */
export async function thousandDue(): Promise<readonly Row[]> {
  const rows = [await onQueue("PostgreSQL", onPostgres)];
  return findProgram("redis-server") === undefined ? rows : [...rows, await onQueue("Redis", onRedis)];
}

type Run = (place: Place) => Promise<number>;

async function onQueue(name: string, within: (run: Run) => Promise<number>): Promise<Row> {
  const floorMs = await within(bareJobs);
  const lookedMs = await within(sweptJobs);
  return {
    what: `1 000 rotations due at once, one worker process, queue on ${name}`,
    measured: time(lookedMs),
    floor: time(floorMs),
    ratio: lookedMs / floorMs,
    note: `from the start of the workers until each was looked at once, ${String(concurrency)} side by side, the look itself left out; floor: 1 000 bare BullMQ jobs put in and run the same way, without sweep and without "only once"`,
  };
}

async function onPostgres(run: Run): Promise<number> {
  await using database = await freshDatabase();
  const place = { postgres: { connectionString: database.url } };
  await openQueues(place, silent).close();
  return await run(place);
}

async function onRedis(run: Run): Promise<number> {
  await using redis = await startRedis();
  return await run({ redis: redis.url });
}

async function sweptJobs(place: Place): Promise<number> {
  const left = new Set(ids());
  const all = Promise.withResolvers<number>();
  const queues = openQueues(place, silent);
  const began = performance.now();
  const workers = startWorkers({
    queues,
    advance: (rotationId) => {
      left.delete(rotationId);
      if (left.size === 0) all.resolve(performance.now() - began);
      return Promise.resolve({ kind: "waiting" });
    },
    project: () => Promise.resolve({}),
    due: () => Promise.resolve([...left]),
    concurrency,
    log: silent,
  });
  const ms = await all.promise;
  await workers.drain();
  await queues.close();
  return ms;
}

async function bareJobs(place: Place): Promise<number> {
  let left = count;
  const all = Promise.withResolvers<number>();
  const backend = backendAt(place, silent);
  const queue = backend.queue("bare");
  const began = performance.now();
  const worker = backend.worker(
    "bare",
    () => {
      left -= 1;
      if (left === 0) all.resolve(performance.now() - began);
      return Promise.resolve();
    },
    { concurrency },
  );
  const waiting = ids();
  while (waiting.length > 0) {
    const some = waiting.splice(0, 20);
    await Promise.all(some.map((rotationId) => queue.add("bare", { rotationId }, { removeOnComplete: true })));
  }
  const ms = await all.promise;
  await worker.close();
  await queue.close();
  return ms;
}

function ids(): string[] {
  return Array.from({ length: count }, (_, index) => `r${String(index).padStart(4, "0")}`);
}
