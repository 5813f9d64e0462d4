import { setTimeout as sleep } from "node:timers/promises";
import type { StoredEvent } from "../../src/core/events.ts";
import type { PressVerb } from "../../src/core/presses.ts";
import type { AnyLane } from "./lane.ts";

const patienceMs = 420_000;

/** What stands in the list about a rotation. */
export async function statusOf(lane: AnyLane, rotationId: string): Promise<string> {
  const [row] = await lane.database.query("SELECT status FROM keyturn.rotations WHERE id = $1", [rotationId]);
  return String(row?.["status"]);
}

/** Resolves when the rotation has ended; rejects with its journal when it is blocked, or takes far too long. */
export async function untilEnded(lane: AnyLane, rotationId: string): Promise<void> {
  await until(lane, rotationId, async () => (await statusOf(lane, rotationId)) === "ended");
}

/** Resolves when the journal holds such an event. */
export async function untilEvent(
  lane: AnyLane,
  rotationId: string,
  wanted: (event: StoredEvent["event"]) => boolean,
): Promise<void> {
  await until(lane, rotationId, async () =>
    (await lane.stage.state.load(rotationId)).some(({ event }) => wanted(event)),
  );
}

async function until(lane: AnyLane, rotationId: string, reached: () => Promise<boolean>): Promise<void> {
  const giveUpMs = performance.now() + patienceMs;
  while (!(await reached())) {
    const status = await statusOf(lane, rotationId);
    if (status === "blocked" || performance.now() > giveUpMs) {
      const journal = await lane.stage.state.load(rotationId);
      const lines = journal.map(
        (entry) => `${entry.seq} ${entry.at} ${entry.epoch} ${JSON.stringify(entry.event).slice(0, 200)}`,
      );
      throw new Error(`${status}, and does not go on\n${lines.slice(1).join("\n")}`);
    }
    await sleep(50);
  }
}

/** Ends the lease of a dead worker, as if it had been some seconds ago; the database's clock would have done so a little later. */
export async function endLease(lane: AnyLane, rotationId: string): Promise<void> {
  await lane.database.query(
    "UPDATE keyturn.leases SET until = clock_timestamp() - interval '9 s' WHERE rotation_id = $1 AND holder IS NOT NULL",
    [rotationId],
  );
}

/** A press of somebody who may, once. */
export async function press(lane: AnyLane, rotationId: string, verb: PressVerb): Promise<void> {
  const answer = await lane.stage.desk.press({
    rotationId,
    verb,
    asker: { kind: "slack", id: verb === "resume" ? "U-grace" : "U-lin", team: "T1" },
    detail: "",
    onceKey: `${rotationId} ${verb}`,
  });
  if (answer.kind === "refused") throw new Error(JSON.stringify(answer.refusal));
}
