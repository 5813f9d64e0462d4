import { sql, type Transaction } from "kysely";
import { z } from "zod";
import { KeyturnError } from "../core/errors.ts";
import { type CollectLink, collectSlot, type State } from "../core/state.ts";
import { actorColumns, actorOf } from "./actors.ts";
import { addAudit } from "./audit.ts";
import { insertCommand } from "./commands.ts";
import { sealingOf } from "./data-keys.ts";
import type { Database } from "./database.ts";
import { pressAt } from "./leases.ts";
import type { Log } from "./log.ts";
import type { Keyring } from "./seal-keys.ts";
import { addSeals, voidLinks } from "./seals.ts";
import { storable } from "./storable.ts";
import type { CollectTable, Tables } from "./tables.ts";

type Signed = Omit<CollectTable, "expires_at" | "used_at" | "voided_at" | "key_id" | "mac"> & {
  readonly expires_at: string;
};
type Row = Omit<CollectTable, "expires_at" | "used_at" | "voided_at"> & { readonly expires_at: Date };
const Fields = z.array(z.string());

/**
 * One-time links. Every change of one is under the lock of the rotation's lease row, as presses are: of two submissions at
 * once, or of a submission and the end of the rotation, one comes first. A row without a valid signature is no link.
 */
export function collectsOf(database: Database, keyring: Keyring, log: Log): State["collects"] {
  return {
    open: ({ tokenHash, ...link }, ttlMs, audit) =>
      database.write(async (db) => {
        const at = await pressAt(db, link.rotationId);
        await mustBeOpen(db, keyring, link.rotationId);
        await voidLinks(db, link.rotationId);
        const expiresAt = new Date(new Date(at).getTime() + ttlMs).toISOString();
        const fields = {
          id: storable(link.id),
          rotation_id: link.rotationId,
          token_hash: tokenHash,
          ...actorColumns(link.actor),
          fields: JSON.stringify(link.fields),
          expires_at: expiresAt,
        };
        await db
          .insertInto("collects")
          .values({ ...fields, ...keyring.sign("collect", signedText(fields)) })
          .execute();
        await addAudit(db, keyring, [audit]);
        return { ...link, expiresAt };
      }),
    find: async (tokenHash) => {
      const row = await database.read((db) =>
        db
          .selectFrom("collects")
          .selectAll()
          .select(sql<boolean>`used_at is null and voided_at is null and expires_at > clock_timestamp()`.as("open"))
          .where("token_hash", "=", tokenHash)
          .executeTakeFirst(),
      );
      if (row === undefined || !holds(keyring, log, row)) return undefined;
      return row.open ? linkOf(row) : "gone";
    },
    use: (tokenHash, values, audit) =>
      database.write(async (db) => {
        const known = await db
          .selectFrom("collects")
          .select("rotation_id")
          .where("token_hash", "=", tokenHash)
          .executeTakeFirst();
        if (known === undefined) return false;
        const at = await pressAt(db, known.rotation_id);
        const row = await db
          .updateTable("collects")
          .set({ used_at: at })
          .where("token_hash", "=", tokenHash)
          .where("used_at", "is", null)
          .where("voided_at", "is", null)
          .where("expires_at", ">", sql<Date>`clock_timestamp()`)
          .returningAll()
          .executeTakeFirst();
        if (row === undefined || !holds(keyring, log, row)) return false;
        const link = linkOf(row);
        const { rotationId, actor } = link;
        const command = { rotationId, verb: "collected", actor, at, detail: link.id };
        // Of one link there is one command, whatever somebody did to its row.
        if (!(await insertCommand(db, keyring, command, link.id))) return false;
        const seals = Object.entries(values).map(([position, value]) => ({
          slot: collectSlot(link.id),
          position,
          value,
        }));
        await addSeals(db, keyring, rotationId, seals);
        await addAudit(db, keyring, [audit]);
        return true;
      }),
  };
}

async function mustBeOpen(db: Transaction<Tables>, keyring: Keyring, rotationId: string): Promise<void> {
  if ((await sealingOf(db, keyring, rotationId)).key === undefined) {
    throw new KeyturnError("seals_destroyed", `rotation ${rotationId} has ended, its sealed values are gone`);
  }
}

function holds(keyring: Keyring, log: Log, row: Row & { readonly key_id: string; readonly mac: Buffer }): boolean {
  const text = signedText({ ...row, expires_at: row.expires_at.toISOString() });
  if (keyring.holds("collect", text, row)) return true;
  log.error(
    { rotationId: row.rotation_id, id: row.id },
    "a one-time link without a valid signature counts for nothing: somebody wrote to the database",
  );
  return false;
}

function linkOf(row: Row): CollectLink {
  return {
    id: row.id,
    rotationId: row.rotation_id,
    actor: actorOf(row),
    fields: Fields.parse(JSON.parse(row.fields)),
    expiresAt: row.expires_at.toISOString(),
  };
}

function signedText(row: Signed): string {
  const { id, rotation_id, token_hash, actor_kind, actor_id, team, fields, expires_at } = row;
  return JSON.stringify([id, rotation_id, token_hash, actor_kind, actor_id, team, fields, expires_at]);
}
