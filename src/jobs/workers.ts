import { beside } from "./beside.ts";
import type { Log } from "./log.ts";
import { rotationOf } from "./put.ts";
import { type Queues, queueNames } from "./queues.ts";
import { type Advance, runRotationJob } from "./rotation-job.ts";
import { type Due, keepSweeping, type Sweep, sweep } from "./sweeper.ts";
import { type Project, runThreadJob, threadBudget } from "./thread-job.ts";

export type WorkersOptions = {
  readonly queues: Queues;
  readonly advance: Advance;
  readonly project: Project;
  readonly due: Due;
  /** Rotations whose worker is gone without a word. Default: none. */
  readonly orphaned?: Due;
  /** Rotations that this process looks at side by side. */
  readonly concurrency: number;
  readonly log: Log;
  /** What is done once an hour over all workers, beside all else. Default: nothing. `signal`: this process ends. */
  readonly hourly?: (signal: AbortSignal) => Promise<void>;
  /** Between two of these. Default 1 h. */
  readonly hourMs?: number;
  /** Between two sweeps over all workers. Default 3 s. */
  readonly sweepEveryMs?: number;
  /** Thread updates over all workers. Default 40 a minute. */
  readonly budget?: { readonly max: number; readonly duration: number };
};

export type Workers = {
  /**
   * Takes no more jobs, asks what runs to hand over between two steps (nothing is cut), and resolves when all has ended and
   * every rotation that is not at rest is back in the queue. The queues stay open.
   */
  readonly drain: () => Promise<void>;
};

/** Starts the workers of this process. Any number of processes may do so on the same queues. */
export function startWorkers(options: WorkersOptions): Workers {
  const { queues, advance, project, due, orphaned = () => Promise.resolve([]), log } = options;
  const handOver = new AbortController();
  const hourly = beside("what is done once an hour", () => options.hourly?.(handOver.signal), log);
  const workers = [
    queues.backend.worker(
      queueNames.rotations,
      (job) => runRotationJob(job, queues.rotations, advance, handOver.signal, log),
      { concurrency: options.concurrency },
    ),
    queues.backend.worker(queueNames.threads, (job, token) => runThreadJob(job, token, queues.threads, project, log), {
      concurrency: 4,
      limiter: options.budget ?? threadBudget,
    }),
    queues.backend.worker(
      queueNames.sweeps,
      async (job) => {
        if (rotationOf(job) === ("hourly" satisfies Sweep)) hourly.start();
        else await sweep(queues.rotations, { due, orphaned }, log);
      },
      { concurrency: 1 },
    ),
  ];
  const sweeping = [
    keepSweeping(queues.sweeps, "all", options.sweepEveryMs ?? 3_000, log),
    ...(options.hourly === undefined ? [] : [keepSweeping(queues.sweeps, "hourly", options.hourMs ?? 3_600_000, log)]),
  ];
  return {
    drain: async () => {
      for (const each of sweeping) each.stop();
      handOver.abort();
      await Promise.all(workers.map((worker) => worker.close()));
      await hourly.ended();
    },
  };
}
