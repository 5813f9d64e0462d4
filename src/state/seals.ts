import type { Kysely, Transaction } from "kysely";
import { KeyturnError } from "../core/errors.ts";
import type { Secret } from "../core/secret.ts";
import type { Seal } from "../core/state.ts";
import { sealingOf } from "./data-keys.ts";
import { clockValue } from "./database.ts";
import { seal, unseal } from "./seal.ts";
import type { Keyring } from "./seal-keys.ts";
import type { Tables } from "./tables.ts";

/** Seals values under the rotation's data key; a slot and position that is there already gets the new value. */
export async function addSeals(
  db: Transaction<Tables>,
  keyring: Keyring,
  rotationId: string,
  seals: readonly Seal[],
): Promise<void> {
  if (seals.length === 0) return;
  const { key, place } = await sealingOf(db, keyring, rotationId);
  if (key === undefined)
    throw new KeyturnError("seals_destroyed", `rotation ${rotationId} has ended, its sealed values are gone`);
  const rows = seals.map(({ slot, position, value }) => ({
    rotation_id: rotationId,
    slot,
    position,
    sealed: seal(key, { ...place, slot, position }, value),
  }));
  await db
    .insertInto("seals")
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .columns(["rotation_id", "slot", "position"])
        .doUpdateSet((row) => ({ sealed: row.ref("excluded.sealed") })),
    )
    .execute();
}

/** The values of one slot by position. Throws KeyturnError("seal_broken") when one was changed or moved. */
export async function sealsOf(
  db: Kysely<Tables>,
  keyring: Keyring,
  rotationId: string,
  slot: string,
): Promise<Readonly<Record<string, Secret>>> {
  const rows = await db
    .selectFrom("seals")
    .select(["position", "sealed"])
    .where((row) => row.and({ rotation_id: rotationId, slot }))
    .execute();
  if (rows.length === 0) return {};
  const { key, place } = await sealingOf(db, keyring, rotationId);
  if (key === undefined) return {};
  return Object.fromEntries(
    rows.map(({ position, sealed }) => [position, unseal(key, { ...place, slot, position }, sealed)]),
  );
}

/** Removes what was sealed in these slots. */
export async function destroySlots(
  db: Transaction<Tables>,
  rotationId: string,
  slots: readonly string[],
): Promise<void> {
  if (slots.length === 0) return;
  await db
    .deleteFrom("seals")
    .where("rotation_id", "=", rotationId)
    .where("slot", "in", [...slots])
    .execute();
}

/** Takes the links away over which nothing was handed in yet. */
export async function voidLinks(db: Transaction<Tables>, rotationId: string): Promise<void> {
  await db
    .updateTable("collects")
    .set({ voided_at: clockValue })
    .where("rotation_id", "=", rotationId)
    .where("used_at", "is", null)
    .where("voided_at", "is", null)
    .execute();
}

/**
 * Destroys the wrapped data key, which is what makes the values unreadable everywhere, and removes what it opened. Nothing
 * can be handed in any more.
 */
export async function destroySeals(db: Transaction<Tables>, rotationId: string): Promise<void> {
  await db.updateTable("rotations").set({ wrapped_key: null }).where("id", "=", rotationId).execute();
  await db.deleteFrom("seals").where("rotation_id", "=", rotationId).execute();
  await voidLinks(db, rotationId);
  await db.deleteFrom("late_outcomes").where("rotation_id", "=", rotationId).execute();
}
