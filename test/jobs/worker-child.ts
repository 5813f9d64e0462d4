import { z } from "zod";
import { openQueues } from "../../src/jobs/queues.ts";
import { startWorkers } from "../../src/jobs/workers.ts";
import { silent } from "./silent.ts";

/** A worker process for tests: says on stdout when it holds a job, and then never lets go of it. */
const place = z
  .union([z.object({ postgres: z.object({ connectionString: z.string() }) }), z.object({ redis: z.string() })])
  .parse(JSON.parse(process.argv[2] ?? ""));
startWorkers({
  queues: openQueues(place, silent),
  advance: async (rotationId) => {
    process.stdout.write(`holds ${rotationId}\n`);
    return new Promise(() => undefined);
  },
  project: () => Promise.resolve({}),
  due: () => Promise.resolve([]),
  concurrency: 1,
  log: silent,
});
