import type { Transaction } from "kysely";
import { TryLater } from "../core/errors.ts";
import type { Append, State } from "../core/state.ts";
import type { Database } from "./database.ts";
import type { Tables } from "./tables.ts";

/** Who holds each of these locks; a free one is left out. */
export function locksOf(database: Database): Pick<State, "lockHolders"> {
  return {
    lockHolders: async (names) => {
      if (names.length === 0) return {};
      const rows = await database.read((db) =>
        db
          .selectFrom("locks")
          .selectAll()
          .where("name", "in", [...names])
          .execute(),
      );
      return Object.fromEntries(rows.map((row) => [row.name, row.rotation_id]));
    },
  };
}

/**
 * Takes all of the locks or none of them; a rotation may take again what it holds. Undefined: taken. In the order of
 * their names, so that two that want the same ones wait for each other and never both.
 */
export async function takeLocks(
  db: Transaction<Tables>,
  rotationId: string,
  names: readonly string[],
): Promise<{ readonly lock: string; readonly by: string } | undefined> {
  const wanted = [...new Set(names)].toSorted();
  if (wanted.length === 0) return undefined;
  const mine = await db
    .insertInto("locks")
    .values(wanted.map((name) => ({ name, rotation_id: rotationId })))
    .onConflict((conflict) => conflict.doNothing())
    .returning("name")
    .execute();
  if (mine.length === wanted.length) return undefined;
  const held = await db.selectFrom("locks").selectAll().where("name", "in", wanted).orderBy("name").execute();
  const other = held.find((row) => row.rotation_id !== rotationId);
  if (other === undefined && held.length === wanted.length) return undefined;
  if (other === undefined)
    throw new TryLater("database_busy", "a lock was given back at this very moment", { afterMs: 50 });
  if (mine.length > 0) {
    const taken = mine.map((row) => row.name);
    await db.deleteFrom("locks").where("name", "in", taken).execute();
  }
  return { lock: other.name, by: other.rotation_id };
}

/** Gives locks back. One that another rotation holds stays. */
export async function unlock(
  db: Transaction<Tables>,
  rotationId: string,
  names: NonNullable<Append["unlock"]>,
): Promise<void> {
  if (names === "all") await db.deleteFrom("locks").where("rotation_id", "=", rotationId).execute();
  else if (names.length > 0) {
    await db
      .deleteFrom("locks")
      .where("rotation_id", "=", rotationId)
      .where("name", "in", [...names])
      .execute();
  }
}
