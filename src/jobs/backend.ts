import { createPostgresBackend, type JobsOptions, Queue, Worker, withBackend } from "bullmq";
import type { Log } from "./log.ts";

/** Where jobs are kept. `postgres`: what the driver needs to connect (the state's own connection fits). `redis`: a URL. */
export type Place = { readonly postgres: PostgresPlace } | { readonly redis: string };
export type PostgresPlace = {
  readonly connectionString?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly user?: string | undefined;
  readonly database?: string | undefined;
  readonly password?: string | (() => string | Promise<string>) | undefined;
  readonly ssl?: unknown;
};

/** A job carries the id of a rotation and nothing else: whatever it means is read from the state when it runs. */
export type Job = { readonly data: unknown; readonly moveToDelayed: (atMs: number, token?: string) => Promise<void> };
export type Processor = (job: Job, token: string | undefined) => Promise<void>;

export type JobQueue = {
  readonly add: (name: string, data: { readonly rotationId: string }, options: JobsOptions) => Promise<unknown>;
  readonly setGlobalConcurrency: (concurrency: number) => Promise<unknown>;
  readonly close: () => Promise<void>;
};

export type JobWorker = {
  /** Takes no further jobs and waits for those that run. */
  readonly close: () => Promise<void>;
};

export type WorkerSettings = {
  readonly concurrency: number;
  readonly limiter?: { readonly max: number; readonly duration: number };
};

/** Opens queues and workers on one kind of server; everything else in this folder does not know which. */
export type Backend = {
  readonly queue: (name: string) => JobQueue;
  readonly worker: (name: string, process: Processor, settings: WorkerSettings) => JobWorker;
};

/**
 * A server that comes back is found again within 2 s (BullMQ's own pause is 15 s). A worker that went away is noticed by its lock: after 5 s and at most two looks. Renewal is every 2.5 s, so that a
 * pause of the process shorter than that costs nothing; a longer one runs a job twice, which is harmless here.
 */
const recovery = { lockDuration: 5_000, stalledInterval: 2_500, maxStalledCount: 1_000_000, runRetryDelay: 2_000 };

/** BullMQ on PostgreSQL (schema `bullmq`, made when it is missing) or on Redis (prefix `keyturn`). */
export function backendAt(place: Place, log: Log): Backend {
  const failed = (error: Error): void => log.warn({ error: error.message }, "the queue has trouble");
  if ("redis" in place) {
    const base = { connection: { url: place.redis, maxRetriesPerRequest: null }, prefix: "keyturn" };
    return {
      queue: (name) => new Queue<{ readonly rotationId: string }>(name, base).on("error", failed),
      worker: (name, process, settings) =>
        new Worker<unknown>(name, (job, token) => process(job, token), { ...base, ...recovery, ...settings }).on(
          "error",
          failed,
        ),
    };
  }
  const onPostgres = withBackend(createPostgresBackend);
  // BullMQ's type knows no password that is a function; the driver that it hands this to does.
  const connection: Record<string, unknown> = { max: 4, ...place.postgres, schema: "bullmq", migrate: true };
  const base = { connection };
  return {
    queue: (name) => new onPostgres.Queue<{ readonly rotationId: string }>(name, base).on("error", failed),
    worker: (name, process, settings) =>
      new onPostgres.Worker<unknown>(name, (job, token) => process(job, token), {
        ...base,
        ...recovery,
        ...settings,
      }).on("error", failed),
  };
}
