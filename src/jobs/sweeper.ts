import type { JobQueue } from "./backend.ts";
import type { Log } from "./log.ts";
import { newId, putNow, putOrphan } from "./put.ts";

/** Ids of rotations that ought to be looked at, as the database knows them. */
export type Due = () => Promise<readonly string[]>;

/** What a job of the queue of sweeps asks for. */
export type Sweep = "all" | "hourly";

/**
 * Asks for a sweep every `everyMs`, over all workers together. The clock that asks runs in every worker, not in the queue:
 * a queue that lost all it held is what sweeps are for.
 */
export function keepSweeping(sweeps: JobQueue, what: Sweep, everyMs: number, log: Log): { readonly stop: () => void } {
  const ask = async (): Promise<void> => {
    try {
      await sweeps.setGlobalConcurrency(1);
      await sweeps.add(
        "sweep",
        { rotationId: what },
        {
          jobId: newId("sweep"),
          removeOnComplete: true,
          removeOnFail: true,
          deduplication: { id: what === "all" ? "sweep" : what, ttl: everyMs },
        },
      );
    } catch (error) {
      log.warn({ error: error instanceof Error ? error.message : "unknown" }, "no sweep could be asked for");
    }
  };
  void ask();
  const timer = setInterval(() => void ask(), everyMs);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

/** One sweep: first what a dead worker held, then everything that is due, twenty at a time. What is awake already stays as it is. */
export async function sweep(
  rotations: JobQueue,
  asked: { readonly due: Due; readonly orphaned: Due },
  log: Log,
): Promise<void> {
  try {
    const orphaned = await asked.orphaned();
    await wakeAll(orphaned, (id) => putOrphan(rotations, id));
    const due = (await asked.due()).filter((id) => !orphaned.includes(id));
    await wakeAll(due, (id) => putNow(rotations, id));
  } catch (error) {
    log.warn({ error: error instanceof Error ? error.message : "unknown" }, "a sweep failed; the next one follows");
  }
}

async function wakeAll(ids: readonly string[], wake: (id: string) => Promise<void>): Promise<void> {
  for (let at = 0; at < ids.length; at += 20) {
    await Promise.all(ids.slice(at, at + 20).map(wake));
  }
}
