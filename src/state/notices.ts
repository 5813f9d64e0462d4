import type { State } from "../core/state.ts";
import { clockValue, type Database } from "./database.ts";

/** When Slack accepted a notice. The first time stands, because waiting periods count from it. */
export function noticesOf(database: Database): State["notices"] {
  return {
    accepted: async (rotationId, name) => {
      const row = await database.read((db) =>
        db
          .selectFrom("notices")
          .select("at")
          .where((row) => row.and({ rotation_id: rotationId, name }))
          .executeTakeFirst(),
      );
      return row?.at.toISOString();
    },
    accept: async (rotationId, name) => {
      await database.read((db) =>
        db
          .insertInto("notices")
          .values({ rotation_id: rotationId, name, at: clockValue })
          .onConflict((conflict) => conflict.doNothing())
          .execute(),
      );
    },
  };
}
