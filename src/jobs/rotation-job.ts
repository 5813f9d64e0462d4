import { TryLater } from "../core/errors.ts";
import type { Job, JobQueue } from "./backend.ts";
import type { Log } from "./log.ts";
import { putLater, putNow, rotationOf } from "./put.ts";

/** The engine's answer: see `Advanced` in src/core/engine-ports.ts. Times are milliseconds from now. */
export type Advanced =
  | { readonly kind: "done" }
  | { readonly kind: "again"; readonly afterMs: number }
  | { readonly kind: "waiting"; readonly untilMs?: number };

export type Advance = (rotationId: string, signal: AbortSignal) => Promise<Advanced>;

/**
 * One run of the rotation job: has the rotation advanced and puts in the next look before the job counts as done, so that a
 * worker that is killed in between leaves a job that is run again. An error of `advance` is a look later, never a failed job.
 */
export async function runRotationJob(
  job: Job,
  rotations: JobQueue,
  advance: Advance,
  signal: AbortSignal,
  log: Log,
): Promise<void> {
  const rotationId = rotationOf(job);
  const next = await attempt(rotationId, advance, signal, log);
  if (next === undefined) return;
  if (next <= 0) await putNow(rotations, rotationId);
  else await putLater(rotations, rotationId, next);
}

/** Milliseconds to the next look; undefined: somebody will wake it. */
async function attempt(
  rotationId: string,
  advance: Advance,
  signal: AbortSignal,
  log: Log,
): Promise<number | undefined> {
  try {
    const advanced = await advance(rotationId, signal);
    switch (advanced.kind) {
      case "done":
        return undefined;
      case "again":
        return advanced.afterMs;
      case "waiting":
        return advanced.untilMs;
    }
  } catch (error) {
    const afterMs = error instanceof TryLater && error.afterMs !== undefined ? error.afterMs : backOffMs();
    log.warn(
      { rotationId, afterMs, error: error instanceof Error ? error.message : "unknown" },
      "a rotation could not be looked at",
    );
    return afterMs;
  }
}

/** 2 to 4 s: an error reaches this far only when the database is away, and then all rotations come at once. */
function backOffMs(): number {
  return 2_000 + Math.random() * 2_000;
}
