import { describe } from "vitest";
import type { Place } from "../../src/jobs/backend.ts";
import { drainLaws } from "./queue-drain.ts";
import { sweepLaws } from "./queue-sweep.ts";
import { threadLaws } from "./queue-thread.ts";
import { wakeLaws } from "./queue-wake.ts";

/** An empty place of one kind of server. `wipe` takes away all that the queue holds, as a lost server would. */
export type QueuePlace = AsyncDisposable & { readonly place: Place; readonly wipe: () => Promise<void> };

/** What Keyturn relies on, run on each kind of server: PostgreSQL and Redis must not differ in any of it. */
export function queueContract(name: string, newPlace: () => Promise<QueuePlace>): void {
  describe(`queues on ${name}`, () => {
    wakeLaws(newPlace);
    threadLaws(newPlace);
    sweepLaws(newPlace);
    drainLaws(newPlace);
  });
}
