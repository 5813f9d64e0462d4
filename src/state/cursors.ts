import type { State } from "../core/state.ts";
import type { Database } from "./database.ts";

/** What of a rotation has been shown: one text each, replaced only by who knows the text that stands. */
export function cursorsOf(database: Database): State["cursor"] {
  return {
    read: async (rotationId) => {
      const row = await database.read((db) =>
        db.selectFrom("cursors").select("text").where("rotation_id", "=", rotationId).executeTakeFirst(),
      );
      return row?.text;
    },
    write: async (rotationId, expected, next) => {
      const changed = await database.read((db) =>
        expected === undefined
          ? db
              .insertInto("cursors")
              .values({ rotation_id: rotationId, text: next })
              .onConflict((conflict) => conflict.doNothing())
              .returning("rotation_id")
              .execute()
          : db
              .updateTable("cursors")
              .set({ text: next })
              .where((row) => row.and({ rotation_id: rotationId, text: expected }))
              .returning("rotation_id")
              .execute(),
      );
      return changed.length === 1;
    },
  };
}
