import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Secret } from "../../src/core/secret.ts";
import { openState } from "../../src/state/open-state.ts";
import { type FreshDatabase, freshDatabase } from "../servers/fresh-database.ts";
import { keyturn } from "./command-line.ts";

const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const sealKey = randomBytes(32).toString("base64");
let database: FreshDatabase;

beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database?.[Symbol.asyncDispose]());

/** What a bot does when it starts. */
async function startBot(): Promise<void> {
  const sealKeys = { current: "k1", keys: { k1: new Secret(sealKey) } };
  const state = await openState({ connection: { connectionString: database.url }, sealKeys, log });
  await state.close();
}

const ask = (...args: readonly string[]) =>
  keyturn(args, { DATABASE_URL: database.url, KEYTURN_SEAL_KEY: `k1:${sealKey}` });

/** Every column of every table that is there. */
const columns = () =>
  database.query(
    "SELECT table_schema, table_name, column_name FROM information_schema.columns WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2, 3",
  );

describe.each(["status", "hold r1", "rollback r1", "audit verify"])("keyturn %s", (words) => {
  it("leaves the database of an older bot as it is, and says which command line fits", async () => {
    await startBot();
    await database.query("ALTER TABLE keyturn.leases DROP COLUMN overtaken_at");
    await database.query("DELETE FROM keyturn.kysely_migration WHERE name = '0002-overtaken'");
    const before = await columns();

    const ran = await ask(...words.split(" "));

    expect(ran).toMatchObject({ code: 1, out: "" });
    expect(ran.err).toContain("schema_older: the database is that of an older Keyturn (it lacks 0002-overtaken");
    expect(ran.err).toContain("the version that the bot runs");
    expect(await columns()).toEqual(before);
  });
});

describe("keyturn status", () => {
  it("refuses the database of a newer bot, and so does a bot", async () => {
    await startBot();
    await database.query("INSERT INTO keyturn.kysely_migration VALUES ('9999-later', '2031-01-01')");

    expect((await ask("status")).err).toContain("schema_newer: the database is that of a newer Keyturn");
    await expect(startBot()).rejects.toMatchObject({ code: "schema_newer" });
  });

  it("makes nothing in a database that no bot has used", async () => {
    expect((await ask("status")).err).toContain("schema_missing: no bot has used this database yet");
    expect(await columns()).toEqual([]);
  });

  it("reads the database of a bot of its own version", async () => {
    await startBot();
    expect(await ask("status")).toMatchObject({ code: 0, out: "no rotation is open\n", err: "" });
  });
});
