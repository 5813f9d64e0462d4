import type { State } from "../core/state.ts";
import type { Database } from "./database.ts";

/** Settings that are written once; who comes later gets what stands. */
export function pinsOf(database: Database): Pick<State, "pin" | "pinned"> {
  return {
    pin: async (name, value) => {
      await database.read((db) =>
        db
          .insertInto("pins")
          .values({ name, value })
          .onConflict((conflict) => conflict.doNothing())
          .execute(),
      );
      const row = await database.read((db) =>
        db.selectFrom("pins").select("value").where("name", "=", name).executeTakeFirstOrThrow(),
      );
      return row.value;
    },
    pinned: async (name) => {
      const row = await database.read((db) =>
        db.selectFrom("pins").select("value").where("name", "=", name).executeTakeFirst(),
      );
      return row?.value;
    },
  };
}
