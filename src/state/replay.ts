import { sql } from "kysely";
import type { State } from "../core/state.ts";
import { clockValue, type Database } from "./database.ts";

const anHourAgo = sql<Date>`clock_timestamp() - interval '1 hour'`;

/** Deliveries seen within the last hour, by any process. */
export function replayOf(database: Database): Pick<State, "firstTime"> {
  return {
    firstTime: async (key) => {
      await database.read((db) => db.deleteFrom("deliveries").where("at", "<", anHourAgo).execute());
      const added = await database.read((db) =>
        db
          .insertInto("deliveries")
          .values({ key, at: clockValue })
          .onConflict((conflict) => conflict.doNothing())
          .returning("key")
          .executeTakeFirst(),
      );
      return added !== undefined;
    },
  };
}
