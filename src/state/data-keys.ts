import type { KeyObject } from "node:crypto";
import type { Kysely } from "kysely";
import { KeyturnError } from "../core/errors.ts";
import type { Connection, Database } from "./database.ts";
import { openDatabase } from "./database.ts";
import type { Log } from "./log.ts";
import { migrate } from "./migrate.ts";
import { unwrapDataKey } from "./seal.ts";
import type { Keyring } from "./seal-keys.ts";
import type { Tables } from "./tables.ts";

/** The data key of a rotation and what its seals are bound to; `key` is undefined once it was destroyed. */
export type Sealing = {
  readonly key: KeyObject | undefined;
  readonly place: { readonly rotationId: string; readonly secret: string; readonly environment: string };
};

/** Throws KeyturnError("unknown_rotation"), ("seal_key_missing") or ("seal_broken"). */
export async function sealingOf(db: Kysely<Tables>, keyring: Keyring, rotationId: string): Promise<Sealing> {
  const row = await db
    .selectFrom("rotations")
    .select(["secret", "environment", "key_id", "wrapped_key"])
    .where("id", "=", rotationId)
    .executeTakeFirst();
  if (row === undefined) throw unknownRotation(rotationId);
  const place = { rotationId, secret: row.secret, environment: row.environment };
  if (row.wrapped_key === null) return { key: undefined, place };
  const wrapping = keyring.wrapping(row.key_id);
  if (wrapping === undefined) throw missing([row.key_id]);
  return { key: unwrapDataKey(wrapping, rotationId, row.wrapped_key), place };
}

/** Ids of the seal keys that open rotations need. Asks the database itself, so that a start can name all that is missing. */
export async function needsKeys(connection: Connection, log: Log): Promise<readonly string[]> {
  const database = openDatabase(connection, log);
  try {
    await migrate(database);
    const rows = await sealedOpen(database);
    return [...new Set(rows.map((row) => row.key_id))].toSorted();
  } finally {
    await database.close();
  }
}

/** Throws KeyturnError("seal_key_missing") or ("seal_key_wrong") when the sealed values of an open rotation could not be opened. */
export async function checkSealKeys(database: Database, keyring: Keyring): Promise<void> {
  const rows = await sealedOpen(database);
  const lacking = new Set(rows.map((row) => row.key_id).filter((id) => keyring.wrapping(id) === undefined));
  if (lacking.size > 0) throw missing([...lacking].toSorted());
  for (const row of rows) {
    const wrapping = keyring.wrapping(row.key_id);
    if (wrapping !== undefined && !opens(wrapping, row.id, row.wrapped_key)) {
      throw new KeyturnError(
        "seal_key_wrong",
        `the seal key ${row.key_id} is not the one that open rotations were sealed with`,
        {
          hint: `rotation ${row.id} needs the earlier key; give it under this id, and a new key under a new id`,
        },
      );
    }
  }
}

/** The error for an id that no rotation has. */
export function unknownRotation(rotationId: string): KeyturnError {
  return new KeyturnError("unknown_rotation", `there is no rotation ${rotationId}`);
}

async function sealedOpen(
  database: Database,
): Promise<readonly { readonly id: string; readonly key_id: string; readonly wrapped_key: Buffer }[]> {
  return database.read((db) =>
    db
      .selectFrom("rotations")
      .select(["id", "key_id", "wrapped_key"])
      .where("status", "<>", "ended")
      .where("wrapped_key", "is not", null)
      .$narrowType<{ wrapped_key: Buffer }>()
      .execute(),
  );
}

function opens(wrapping: KeyObject, rotationId: string, wrapped: Buffer): boolean {
  try {
    unwrapDataKey(wrapping, rotationId, wrapped);
    return true;
  } catch {
    return false;
  }
}

function missing(ids: readonly string[]): KeyturnError {
  return new KeyturnError("seal_key_missing", `open rotations need a seal key that is not there: ${ids.join(", ")}`, {
    hint: "give the earlier seal key beside the current one until these rotations have ended",
  });
}
