import { type Backend, backendAt, type JobQueue, type Place } from "./backend.ts";
import type { Log } from "./log.ts";
import { putLater, putNow } from "./put.ts";

/** What producers need; `startWorkers` needs the rest. */
export type Queues = {
  readonly backend: Backend;
  readonly rotations: JobQueue;
  readonly threads: JobQueue;
  readonly sweeps: JobQueue;
  /**
   * Has a rotation looked at, now or in `afterMs`. Calls that come while one waits become one; a call while a job runs
   * gives one more run after it. A later call with `afterMs` replaces an earlier one that has not come due. Never throws
   * and takes at most 3 s: what did not reach the queue is found by the sweeper, which asks the database.
   */
  readonly wake: (rotationId: string, afterMs?: number) => Promise<void>;
  /** Has the thread of a rotation brought up to date. Calls that come while one waits become one. As `wake`, never throws. */
  readonly show: (rotationId: string) => Promise<void>;
  readonly close: () => Promise<void>;
};

export const queueNames = { rotations: "rotations", threads: "threads", sweeps: "sweeps" } as const;

/** Opens the three queues. Connects in the background; where the server is away, calls fail one by one. */
export function openQueues(place: Place, log: Log): Queues {
  const backend = backendAt(place, log);
  const rotations = backend.queue(queueNames.rotations);
  const threads = backend.queue(queueNames.threads);
  const sweeps = backend.queue(queueNames.sweeps);
  const attempt = async (rotationId: string, work: Promise<void>): Promise<void> => {
    try {
      await within(3_000, work);
    } catch (error) {
      log.warn(
        { rotationId, error: error instanceof Error ? error.message : "unknown" },
        "a wake-up did not reach the queue; the sweeper will find it",
      );
    }
  };
  return {
    backend,
    rotations,
    threads,
    sweeps,
    wake: (rotationId, afterMs = 0) =>
      attempt(rotationId, afterMs > 0 ? putLater(rotations, rotationId, afterMs) : putNow(rotations, rotationId)),
    show: (rotationId) => attempt(rotationId, putNow(threads, rotationId)),
    close: async () => {
      await Promise.all([rotations.close(), threads.close(), sweeps.close()]);
    },
  };
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${ms} ms`)), ms);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
