import type { State } from "../core/state.ts";
import { sealingOf } from "./data-keys.ts";
import type { Database } from "./database.ts";
import type { Log } from "./log.ts";
import { seal, unseal } from "./seal.ts";
import type { Keyring } from "./seal-keys.ts";

/** Results of calls that came back after their lease was gone, sealed. The first report of an effect stands. */
export function lateOutcomesOf(
  database: Database,
  keyring: Keyring,
  log: Log,
): Pick<State, "addLateOutcome" | "lateOutcomes"> {
  return {
    addLateOutcome: (rotationId, epoch, effect, outcome) =>
      database.write(async (db) => {
        const { key, place } = await sealingOf(db, keyring, rotationId);
        if (key === undefined) {
          log.warn({ rotationId, epoch, effect }, "an outcome came back after its rotation had ended");
          return;
        }
        const sealed = seal(key, { ...place, slot: `late:${epoch}`, position: effect }, outcome);
        await db
          .insertInto("late_outcomes")
          .values({ rotation_id: rotationId, epoch, effect, sealed })
          .onConflict((conflict) => conflict.doNothing())
          .execute();
      }),
    lateOutcomes: (rotationId) =>
      database.read(async (db) => {
        const rows = await db
          .selectFrom("late_outcomes")
          .selectAll()
          .where("rotation_id", "=", rotationId)
          .orderBy("epoch")
          .orderBy("effect")
          .execute();
        if (rows.length === 0) return [];
        const { key, place } = await sealingOf(db, keyring, rotationId);
        if (key === undefined) return [];
        return rows.map(({ epoch, effect, sealed }) => ({
          epoch,
          effect,
          outcome: unseal(key, { ...place, slot: `late:${epoch}`, position: effect }, sealed),
        }));
      }),
  };
}
