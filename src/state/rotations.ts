import { sql } from "kysely";
import type { Headline, State } from "../core/state.ts";
import type { Database } from "./database.ts";
import type { RotationTable } from "./tables.ts";

/** Lists of rotations, from the headlines beside the journal. */
export function rotationsOf(database: Database): Pick<State, "list" | "due" | "orphaned"> {
  return {
    list: async (filter) => {
      const rows = await database.read((db) => {
        let query = db
          .selectFrom("rotations")
          .select(["id", "secret", "environment", "status", "line", "opened_at", "due_at"])
          .orderBy("opened_at", "desc")
          .orderBy("id", "desc")
          .limit(filter.limit ?? 1_000);
        if (filter.open === true) query = query.where("status", "<>", "ended");
        if (filter.open === false) query = query.where("status", "=", "ended");
        if (filter.secret !== undefined) query = query.where("secret", "=", filter.secret);
        if (filter.environment !== undefined) query = query.where("environment", "=", filter.environment);
        return query.execute();
      });
      return rows.map(headline);
    },
    due: async () => {
      const rows = await database.read((db) =>
        db
          .selectFrom("rotations")
          .innerJoin("leases", "leases.rotation_id", "rotations.id")
          .select("rotations.id")
          .where("rotations.status", "<>", "ended")
          .where((row) => row.or([row("holder", "is", null), row("until", "<=", sql<Date>`clock_timestamp()`)]))
          .where((row) =>
            row.or([
              row("due_at", "<=", sql<Date>`clock_timestamp()`),
              // Presses that no holder has had before it in full, and holders that went away without a word.
              row("wants", ">", row.ref("heard")),
              row("holder", "is not", null),
              row.exists(
                row
                  .selectFrom("commands")
                  .select("commands.id")
                  .whereRef("commands.rotation_id", "=", "rotations.id")
                  .where("state", "=", "open"),
              ),
            ]),
          )
          .orderBy("due_at")
          .limit(10_000)
          .execute(),
      );
      return rows.map((row) => row.id);
    },
    orphaned: async () => {
      const rows = await database.read((db) =>
        db
          .selectFrom("leases")
          .innerJoin("rotations", "leases.rotation_id", "rotations.id")
          .select("rotations.id")
          .where("rotations.status", "<>", "ended")
          .where("until", "<=", sql<Date>`clock_timestamp()`)
          .limit(10_000)
          .execute(),
      );
      return rows.map((row) => row.id);
    },
  };
}

type Row = Pick<RotationTable, "id" | "secret" | "environment" | "status" | "line"> & {
  readonly opened_at: Date;
  readonly due_at: Date | null;
};

function headline(row: Row): Headline {
  const { id, secret, environment, status, line } = row;
  return {
    id,
    secret,
    environment,
    status,
    line,
    openedAt: row.opened_at.toISOString(),
    dueAt: row.due_at?.toISOString(),
  };
}
