import type { Log } from "./log.ts";
import { type Queues, queueNames } from "./queues.ts";
import { type Advance, runRotationJob } from "./rotation-job.ts";
import { type Due, keepSweeping, sweep } from "./sweeper.ts";
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
    queues.backend.worker(queueNames.sweeps, () => sweep(queues.rotations, { due, orphaned }, log), { concurrency: 1 }),
  ];
  const sweeping = keepSweeping(queues.sweeps, options.sweepEveryMs ?? 3_000, log);
  return {
    drain: async () => {
      sweeping.stop();
      handOver.abort();
      await Promise.all(workers.map((worker) => worker.close()));
    },
  };
}
