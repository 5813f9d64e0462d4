import { randomUUID } from "node:crypto";
import type { Transaction } from "kysely";
import type { Command, State } from "../core/state.ts";
import { actorColumns, actorOf } from "./actors.ts";
import { addAudit } from "./audit.ts";
import type { Database } from "./database.ts";
import { pressAt, want } from "./leases.ts";
import type { Log } from "./log.ts";
import type { Keyring } from "./seal-keys.ts";
import { storable } from "./storable.ts";
import type { CommandTable, Tables } from "./tables.ts";

type Signed = Omit<CommandTable, "at" | "state" | "key_id" | "mac"> & { readonly at: string };

/** Presses that wait for the holder of the lease. */
export function commandsOf(database: Database, keyring: Keyring, log: Log): Pick<State, "addCommand" | "commands"> {
  return {
    addCommand: (command, onceKey, audit) =>
      database.write(async (db) => {
        const at = await pressAt(db, command.rotationId);
        const added = await insertCommand(db, keyring, { ...command, at }, onceKey);
        if (added) await addAudit(db, keyring, [audit]);
        return added;
      }),
    commands: async (rotationId) => {
      const rows = await database.read((db) =>
        db
          .selectFrom("commands")
          .selectAll()
          .where((row) => row.and({ rotation_id: rotationId, state: "open" }))
          .orderBy("at")
          .orderBy("id")
          .execute(),
      );
      const real = rows.filter((row) =>
        keyring.holds("command", signedText({ ...row, at: row.at.toISOString() }), row),
      );
      const forged = rows.filter((row) => !real.includes(row)).map((row) => row.id);
      if (forged.length > 0) await setAside(database, log, rotationId, forged);
      return real.map(
        (row): Command => ({
          id: row.id,
          rotationId,
          verb: row.verb,
          actor: actorOf(row),
          at: row.at.toISOString(),
          detail: row.detail,
        }),
      );
    },
  };
}

/**
 * Adds a press whose lease row is locked already (`pressAt`, which gave `at`), and wakes whoever holds the lease. False when
 * it was there before.
 */
export async function insertCommand(
  db: Transaction<Tables>,
  keyring: Keyring,
  command: Omit<Command, "id">,
  onceKey: string,
): Promise<boolean> {
  const { rotationId, at } = command;
  const fields = {
    id: randomUUID(),
    rotation_id: rotationId,
    verb: storable(command.verb),
    ...actorColumns(command.actor),
    once_key: storable(onceKey),
    at,
    detail: storable(command.detail),
  };
  const added = await db
    .insertInto("commands")
    .values({ ...fields, state: "open", ...keyring.sign("command", signedText(fields)) })
    .onConflict((conflict) => conflict.doNothing())
    .returning("id")
    .executeTakeFirst();
  if (added === undefined) return false;
  await want(db, rotationId);
  return true;
}

/** Marks commands as answered and takes their signature away, so that setting the mark back by hand gives no second effect. */
export async function consume(db: Transaction<Tables>, rotationId: string, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await db
    .updateTable("commands")
    .set({ state: "consumed", mac: Buffer.alloc(0) })
    .where("rotation_id", "=", rotationId)
    .where("id", "in", [...ids])
    .execute();
}

/** A forged one stays for whoever looks into it, but wakes nobody any more. */
async function setAside(database: Database, log: Log, rotationId: string, ids: string[]): Promise<void> {
  log.error(
    { rotationId, ids },
    "commands without a valid signature count for nothing: somebody wrote to the database",
  );
  await database.read((db) => db.updateTable("commands").set({ state: "forged" }).where("id", "in", ids).execute());
}

function signedText(row: Signed): string {
  const { id, rotation_id, verb, actor_kind, actor_id, team, once_key, at, detail } = row;
  return JSON.stringify([id, rotation_id, verb, actor_kind, actor_id, team, once_key, at, detail]);
}
