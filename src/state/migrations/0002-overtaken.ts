import { sql } from "kysely";
import type { Migration } from "kysely/migration";

/** When a lease was last taken from a holder that had not given it back: that one may have a call under way. */
export const overtaken: Migration = {
  up: async (db) => {
    await sql`alter table keyturn.leases add column overtaken_at timestamptz`.execute(db);
  },
};
