import { openQueues, type Queues } from "../../src/jobs/queues.ts";
import { startWorkers, type Workers, type WorkersOptions } from "../../src/jobs/workers.ts";
import { silent } from "../jobs/silent.ts";
import type { QueuePlace } from "./queue.ts";

export type QueueWorld = AsyncDisposable & {
  readonly queues: Queues;
  readonly at: QueuePlace;
  /** Starts the workers of one more process-like user; those left are drained at the end. */
  readonly workers: (options: Partial<WorkersOptions>) => Workers;
};

/** Queues in an empty place, without workers. */
export async function queueWorld(newPlace: () => Promise<QueuePlace>): Promise<QueueWorld> {
  const at = await newPlace();
  const queues = openQueues(at.place, silent);
  const running: Workers[] = [];
  return {
    queues,
    at,
    workers: (options) => {
      const workers = startWorkers({
        queues,
        advance: () => Promise.resolve({ kind: "done" }),
        project: () => Promise.resolve({}),
        due: () => Promise.resolve([]),
        concurrency: 5,
        log: silent,
        sweepEveryMs: 500,
        ...options,
      });
      running.push(workers);
      return workers;
    },
    [Symbol.asyncDispose]: async () => {
      for (const workers of running) await workers.drain();
      await queues.close();
      await at[Symbol.asyncDispose]();
    },
  };
}

/** A door that jobs wait at: `open` lets all through. */
export function door(): { readonly passed: Promise<void>; readonly open: () => void } {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  return { passed: promise, open: () => resolve(undefined) };
}
