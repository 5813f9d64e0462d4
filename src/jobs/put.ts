import { randomInt } from "node:crypto";
import { z } from "zod";
import type { Job, JobQueue } from "./backend.ts";

const Data = z.object({ rotationId: z.string().min(1) });
const kept = { removeOnComplete: true, removeOnFail: true };

/** The rotation that a job is about. */
export function rotationOf(job: Job): string {
  return Data.parse(job.data).rotationId;
}

/**
 * A job that runs as soon as it can. While one like it waits this adds nothing, since that one has not looked yet; while
 * it runs, one more is kept and put in when it has ended, since it may have looked already. So none is lost, and there
 * are never more than two.
 */
export async function putNow(queue: JobQueue, rotationId: string): Promise<void> {
  await queue.add(
    "now",
    { rotationId },
    { ...kept, jobId: newId(rotationId), deduplication: { id: `${rotationId}.now`, keepLastIfActive: true } },
  );
}

/**
 * A job for a rotation whose worker is gone. That worker's own job counts as active until its lock runs out, and would keep
 * `putNow` waiting as long; so this one has an id of its own, at most once a second.
 */
export async function putOrphan(queue: JobQueue, rotationId: string): Promise<void> {
  await queue.add(
    "orphan",
    { rotationId },
    { ...kept, jobId: newId(rotationId), deduplication: { id: `${rotationId}.orphan`, ttl: 1_000 } },
  );
}

/** A job that runs in `afterMs`, in place of one that was to run later than now: the newest look knows best when the next is due. */
export async function putLater(queue: JobQueue, rotationId: string, afterMs: number): Promise<void> {
  await queue.add(
    "later",
    { rotationId },
    {
      ...kept,
      jobId: newId(rotationId),
      delay: Math.max(1, Math.ceil(afterMs)),
      deduplication: { id: `${rotationId}.later`, replace: true, keepLastIfActive: true },
    },
  );
}

/** BullMQ ignores an id that exists, silently, and takes no colon in one: each job gets a number that was never used. */
export function newId(rotationId: string): string {
  return `${rotationId.replaceAll(":", "_")}-${randomInt(2 ** 47)}`;
}
