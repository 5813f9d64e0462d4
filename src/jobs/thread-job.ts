import { DelayedError } from "bullmq";
import { TryLater } from "../core/errors.ts";
import type { Job, JobQueue } from "./backend.ts";
import type { Log } from "./log.ts";
import { putLater, rotationOf } from "./put.ts";

/** Brings the thread of a rotation up to date with its journal. `again`: there is more, not before `afterMs`. */
export type Project = (rotationId: string) => Promise<{ readonly again?: number }>;

/**
 * At most 40 updates in any minute, over all workers: two in 3.2 s, so that a burst does not use up the minute and leave
 * everybody waiting for its end.
 */
export const threadBudget = { max: 2, duration: 3_200 };

/**
 * One run of the thread job. It shows the newest state, whatever had it put in. Slack's refusal moves the job to a later
 * time: the last state of a rotation is shown when Slack is back, however long that takes. When it is only to look again
 * later, that is a job of its own: this one would keep what happens meanwhile from being shown.
 */
export async function runThreadJob(
  job: Job,
  token: string | undefined,
  threads: JobQueue,
  project: Project,
  log: Log,
): Promise<void> {
  const rotationId = rotationOf(job);
  const next = await attempt(rotationId, project, log);
  if (next.kind === "again") {
    await putLater(threads, rotationId, next.afterMs);
  } else if (next.kind === "refused") {
    await job.moveToDelayed(Date.now() + Math.max(1, Math.ceil(next.afterMs)), token);
    throw new DelayedError();
  }
}

type Next =
  | { readonly kind: "shown" }
  | { readonly kind: "again"; readonly afterMs: number }
  | { readonly kind: "refused"; readonly afterMs: number };

async function attempt(rotationId: string, project: Project, log: Log): Promise<Next> {
  try {
    const { again } = await project(rotationId);
    return again === undefined ? { kind: "shown" } : { kind: "again", afterMs: again };
  } catch (error) {
    const afterMs = error instanceof TryLater && error.afterMs !== undefined ? error.afterMs : 10_000;
    log.warn(
      { rotationId, afterMs, error: error instanceof Error ? error.message : "unknown" },
      "a thread could not be brought up to date",
    );
    return { kind: "refused", afterMs };
  }
}
