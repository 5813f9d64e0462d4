import { queueContract } from "../contract/queue.ts";
import { type FreshDatabase, freshDatabase } from "../servers/fresh-database.ts";

queueContract("PostgreSQL 18", async () => {
  const database = await freshDatabase();
  return {
    place: { postgres: { connectionString: database.url } },
    wipe: () => wipe(database),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
});

/** Workers are at these tables all the while, so that the truncation may lose a deadlock. */
async function wipe(database: FreshDatabase): Promise<void> {
  try {
    await database.query("TRUNCATE bullmq.job, bullmq.dedup, bullmq.dedup_next, bullmq.meta CASCADE");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "40P01")) throw error;
    await wipe(database);
  }
}
