import type { Transaction } from "kysely";
import { KeyturnError, LeaseLost } from "../core/errors.ts";
import { Event, eventVersion, type StoredEvent } from "../core/events.ts";
import type { Append, Appended, Lease, State } from "../core/state.ts";
import { addAudit } from "./audit.ts";
import { consume } from "./commands.ts";
import type { Database } from "./database.ts";
import { mustHold } from "./leases.ts";
import { takeLocks, unlock } from "./locks.ts";
import { newDataKey } from "./seal.ts";
import type { Keyring } from "./seal-keys.ts";
import { addSeals, destroySeals, destroySlots, sealsOf } from "./seals.ts";
import { storable } from "./storable.ts";
import type { EventTable, Tables } from "./tables.ts";

/** The journal: events of a rotation, numbered from 1, and everything that is written with them in one transaction. */
export function journalOf(database: Database, keyring: Keyring): Pick<State, "create" | "load" | "append" | "unseal"> {
  return {
    create: (rotationId, append) => database.write((db) => create(db, keyring, rotationId, append)),
    load: async (rotationId) => {
      const rows = await database.read((db) =>
        db.selectFrom("events").selectAll().where("rotation_id", "=", rotationId).orderBy("seq").execute(),
      );
      return rows.map(parseRow);
    },
    append: (lease, expectedSeq, append) => database.write((db) => add(db, keyring, lease, expectedSeq, append)),
    unseal: (rotationId, slot) => database.read((db) => sealsOf(db, keyring, rotationId, slot)),
  };
}

async function create(
  db: Transaction<Tables>,
  keyring: Keyring,
  id: string,
  append: Append,
): Promise<readonly StoredEvent[]> {
  const wrapping = keyring.wrapping(keyring.current);
  if (wrapping === undefined) throw new KeyturnError("seal_key_missing", "there is no current seal key");
  const inserted = await db
    .insertInto("rotations")
    .values({
      ...headlineColumns(append),
      id,
      secret: append.headline.secret,
      environment: append.headline.environment,
      opened_at: append.headline.openedAt,
      last_seq: append.events.length,
      key_id: keyring.current,
      wrapped_key: newDataKey(wrapping, id).wrapped,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning("id")
    .executeTakeFirst();
  if (inserted === undefined) throw new KeyturnError("exists", `there is a rotation ${id} already`);
  await db.insertInto("leases").values({ rotation_id: id }).execute();
  const taken = await takeLocks(db, id, append.lock ?? []);
  if (taken !== undefined) throw new KeyturnError("taken", `${taken.lock} is held by rotation ${taken.by}`);
  const events = await insertEvents(db, id, 0, 0, append.events);
  await writeBeside(db, keyring, id, append);
  return events;
}

async function add(
  db: Transaction<Tables>,
  keyring: Keyring,
  lease: Lease,
  expectedSeq: number,
  append: Append,
): Promise<Appended> {
  const id = lease.rotationId;
  // Not FOR UPDATE: a press holds the lease's row and then needs the rotation's key for its foreign key.
  const row = await db
    .selectFrom("rotations")
    .select("last_seq")
    .where("id", "=", id)
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (row === undefined) throw new LeaseLost(`there is no rotation ${id}`);
  await mustHold(db, lease);
  if (row.last_seq !== expectedSeq) throw new LeaseLost("the journal has gone on since it was read");
  const taken = await takeLocks(db, id, append.lock ?? []);
  if (taken !== undefined) return { kind: "taken", ...taken };
  const events = await insertEvents(db, id, expectedSeq, lease.epoch, append.events);
  await db
    .updateTable("rotations")
    .set({ ...headlineColumns(append), last_seq: expectedSeq + append.events.length })
    .where("id", "=", id)
    .execute();
  await writeBeside(db, keyring, id, append);
  return { kind: "appended", events };
}

/** The audit comes last: from there to the commit everybody else who audits waits. */
async function writeBeside(db: Transaction<Tables>, keyring: Keyring, id: string, append: Append): Promise<void> {
  await addSeals(db, keyring, id, append.seals ?? []);
  await destroySlots(db, id, append.destroySlots ?? []);
  await consume(db, id, append.consumed ?? []);
  await unlock(db, id, append.unlock ?? []);
  if (append.destroySeals === true) await destroySeals(db, id);
  await addAudit(db, keyring, append.audit ?? []);
}

async function insertEvents(
  db: Transaction<Tables>,
  id: string,
  after: number,
  epoch: number,
  events: readonly Event[],
): Promise<readonly StoredEvent[]> {
  if (events.length === 0) return [];
  const rows = await db
    .insertInto("events")
    .values(
      events.map((event, index) => ({
        rotation_id: id,
        seq: after + index + 1,
        epoch,
        version: eventVersion,
        event: JSON.stringify(Event.parse(event)),
      })),
    )
    .returning(["seq", "at", "epoch", "version", "event"])
    .execute();
  return rows.map(parseRow);
}

function parseRow(row: Pick<EventTable, "seq" | "epoch" | "version" | "event"> & { readonly at: Date }): StoredEvent {
  if (row.version !== eventVersion) {
    throw new KeyturnError(
      "event_version",
      `an event has the format ${row.version}, and this Keyturn reads ${eventVersion}`,
      {
        hint: "run the version of Keyturn that wrote it until this rotation has ended",
      },
    );
  }
  return { seq: row.seq, at: row.at.toISOString(), epoch: row.epoch, event: Event.parse(JSON.parse(row.event)) };
}

function headlineColumns({ headline }: Append) {
  return { status: headline.status, line: storable(headline.line), due_at: headline.dueAt ?? null };
}
