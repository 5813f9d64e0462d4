import { sql, type Transaction } from "kysely";
import { LeaseLost } from "../core/errors.ts";
import type { Lease, State } from "../core/state.ts";
import { unknownRotation } from "./data-keys.ts";
import { clock, type Database } from "./database.ts";
import type { Log } from "./log.ts";
import type { Tables } from "./tables.ts";

/**
 * Leases: one row per rotation, decided by the database's clock alone. A lease that is live is given to nobody, not even
 * to the holder of the same name.
 */
export function leasesOf(database: Database, log: Log): Pick<State, "acquire" | "renew" | "release"> {
  return {
    acquire: async (rotationId, holder, ttlMs) => {
      const askedMs = performance.now();
      const row = await database.read((db) =>
        db
          .updateTable("leases")
          .set((row) => ({
            holder,
            epoch: sql`${row.ref("epoch")} + 1`,
            until: inMs(ttlMs),
            hearing: row.ref("wants"),
            overtaken_at: sql`case when ${row.ref("holder")} is null then ${row.ref("overtaken_at")} else clock_timestamp() end`,
          }))
          .where("rotation_id", "=", rotationId)
          .where((row) => row.or([row("holder", "is", null), row("until", "<=", sql<Date>`clock_timestamp()`)]))
          .returning(["epoch", "overtaken_at"])
          .executeTakeFirst(),
      );
      if (row !== undefined) {
        const lease = { rotationId, epoch: row.epoch, holder, untilMonotonicMs: askedMs + ttlMs };
        return row.overtaken_at === null ? lease : { ...lease, overtakenAt: row.overtaken_at.toISOString() };
      }
      await database.read((db) => mustExist(db, rotationId));
      return undefined;
    },
    renew: async (lease, ttlMs) => {
      const askedMs = performance.now();
      const row = await database.read((db) =>
        db
          .updateTable("leases")
          .set({ until: inMs(ttlMs) })
          .where((row) => row.and({ rotation_id: lease.rotationId, epoch: lease.epoch, holder: lease.holder }))
          .returning("epoch")
          .executeTakeFirst(),
      );
      return row === undefined ? undefined : { ...lease, untilMonotonicMs: askedMs + ttlMs };
    },
    release: async (lease, dueInMs) => {
      try {
        await database.write((db) => giveBack(db, lease, dueInMs));
      } catch (error) {
        const code = error instanceof Error && "code" in error ? error.code : "unexpected";
        log.warn(
          { rotationId: lease.rotationId, epoch: lease.epoch, code },
          "a lease could not be given back and will run out",
        );
      }
    },
  };
}

/** Locks the lease row to the end of the transaction. Throws LeaseLost unless this very lease is the one that stands. */
export async function mustHold(db: Transaction<Tables>, lease: Lease): Promise<void> {
  const row = await db
    .selectFrom("leases")
    .select(["epoch", "holder"])
    .where("rotation_id", "=", lease.rotationId)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined || row.epoch !== lease.epoch || row.holder !== lease.holder) throw new LeaseLost();
}

/** Locks the lease row for a press and returns the time. Throws KeyturnError("unknown_rotation"). */
export async function pressAt(db: Transaction<Tables>, rotationId: string): Promise<string> {
  const row = await db
    .selectFrom("leases")
    .select("rotation_id")
    .where("rotation_id", "=", rotationId)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw unknownRotation(rotationId);
  const { now } = await db.selectNoFrom(clock.as("now")).executeTakeFirstOrThrow();
  return now.toISOString();
}

/** Counts a press: the rotation stays due until a holder that began after it has given its lease back in order. */
export async function want(db: Transaction<Tables>, rotationId: string): Promise<void> {
  await db
    .updateTable("leases")
    .set((row) => ({ wants: sql`${row.ref("wants")} + 1` }))
    .where("rotation_id", "=", rotationId)
    .execute();
}

type Reader = Parameters<Parameters<Database["read"]>[0]>[0];

/** The rotation's row first, as an append does: two that want both rows wait for each other and never both. */
async function giveBack(db: Transaction<Tables>, lease: Lease, dueInMs: number | undefined): Promise<void> {
  await db.selectFrom("rotations").select("id").where("id", "=", lease.rotationId).forNoKeyUpdate().execute();
  const mine = await db
    .updateTable("leases")
    .set((row) => ({ holder: null, until: null, heard: row.ref("hearing") }))
    .where((row) => row.and({ rotation_id: lease.rotationId, epoch: lease.epoch, holder: lease.holder }))
    .returning("epoch")
    .executeTakeFirst();
  if (mine === undefined || dueInMs === undefined) return;
  await db
    .updateTable("rotations")
    .set({ due_at: Number.isFinite(dueInMs) ? inMs(dueInMs) : null })
    .where("id", "=", lease.rotationId)
    .where("status", "<>", "ended")
    .execute();
}

async function mustExist(db: Reader, rotationId: string): Promise<void> {
  const row = await db.selectFrom("leases").select("epoch").where("rotation_id", "=", rotationId).executeTakeFirst();
  if (row === undefined) throw unknownRotation(rotationId);
}

function inMs(ttlMs: number) {
  return sql<string>`clock_timestamp() + ${ttlMs}::double precision * interval '1 millisecond'`;
}
