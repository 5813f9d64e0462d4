import type { State } from "../core/state.ts";
import { auditOf } from "./audit.ts";
import { collectsOf } from "./collects.ts";
import { commandsOf } from "./commands.ts";
import { cursorsOf } from "./cursors.ts";
import { checkSealKeys } from "./data-keys.ts";
import { type Connection, clock, openDatabase } from "./database.ts";
import { journalOf } from "./journal.ts";
import { lateOutcomesOf } from "./late-outcomes.ts";
import { leasesOf } from "./leases.ts";
import { locksOf } from "./locks.ts";
import type { Log } from "./log.ts";
import { expectMigrated, migrate } from "./migrate.ts";
import { noticesOf } from "./notices.ts";
import { pinsOf } from "./pins.ts";
import { replayOf } from "./replay.ts";
import { rotationsOf } from "./rotations.ts";
import { openKeyring, type SealKeys } from "./seal-keys.ts";
import { votesOf } from "./votes.ts";

export type OpenState = State & {
  /** Waits for what runs, then closes the connections. */
  readonly close: () => Promise<void>;
};

/**
 * Opens the database, brings its schema up to date (`join`: only looks whether it is) and looks whether the seal keys open
 * what open rotations have sealed. Throws TryLater("database_unreachable") and KeyturnError("seal_key_missing",
 * "seal_key_wrong", "seal_key_weak", "schema_newer"; `join` also "schema_older", "schema_missing").
 */
export async function openState(options: {
  readonly connection: Connection;
  readonly sealKeys: SealKeys;
  readonly log: Log;
  readonly join?: boolean;
}): Promise<OpenState> {
  const { connection, sealKeys, log, join = false } = options;
  const keyring = openKeyring(sealKeys);
  const database = openDatabase(connection, log);
  try {
    await (join ? expectMigrated : migrate)(database);
    await checkSealKeys(database, keyring);
  } catch (error) {
    await database.close();
    throw error;
  }
  return {
    now: async () => {
      const { now } = await database.read((db) => db.selectNoFrom(clock.as("now")).executeTakeFirstOrThrow());
      return now.toISOString();
    },
    ...journalOf(database, keyring),
    ...leasesOf(database, log),
    ...commandsOf(database, keyring, log),
    collects: collectsOf(database, keyring, log),
    ...votesOf(database, keyring, log),
    ...lateOutcomesOf(database, keyring, log),
    ...rotationsOf(database),
    ...locksOf(database),
    cursor: cursorsOf(database),
    notices: noticesOf(database),
    ...replayOf(database),
    ...pinsOf(database),
    ...auditOf(database, keyring),
    close: () => database.close(),
  };
}
