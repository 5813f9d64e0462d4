import { describe, expect, it } from "vitest";
import { freshDatabase } from "./fresh-database.ts";
import { needs } from "./need.ts";
import { queryOnce, startPostgres } from "./postgres.ts";
import type { PostgresVersion } from "./postgres-binaries.ts";

function onPostgres(version: PostgresVersion): void {
  it(`is PostgreSQL ${version} and takes the superuser's URL`, async () => {
    await using postgres = await startPostgres({ version });
    const rows = await postgres.query(
      "SELECT current_user AS who, current_setting('server_version_num')::int / 10000 AS v",
    );
    expect(rows).toEqual([{ who: "postgres", v: version }]);
    expect(await queryOnce(postgres.url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });

  it("refuses a wrong password with 28P01", async () => {
    await using postgres = await startPostgres({ version, createDatabases: ["shop"] });
    await postgres.query("CREATE ROLE app LOGIN PASSWORD 'right: /@'");
    const good = postgres.urlFor({ user: "app", password: "right: /@", database: "shop" });
    expect(await queryOnce(good, "SELECT current_database() AS name")).toEqual([{ name: "shop" }]);
    const bad = postgres.urlFor({ user: "app", password: "wrong", database: "shop" });
    await expect(queryOnce(bad, "SELECT 1")).rejects.toMatchObject({ code: "28P01" });
  });

  it("uses the given pg_hba lines and still lets the superuser in", async () => {
    await using postgres = await startPostgres({ version, hba: ["host shop app 127.0.0.1/32 scram-sha-256"] });
    await postgres.query("CREATE ROLE app LOGIN PASSWORD 'secret'");
    const url = postgres.urlFor({ user: "app", password: "secret" });
    await expect(queryOnce(url, "SELECT 1")).rejects.toMatchObject({ code: "28000" });
  });

  it("logs every statement when asked to", async () => {
    await using postgres = await startPostgres({ version, logStatements: true });
    await postgres.query("SELECT 'find me in the log'");
    expect(postgres.logText()).toContain("find me in the log");
  });

  it("keeps committed rows over stop and restart, with clients connected", async () => {
    await using postgres = await startPostgres({ version });
    await postgres.query("CREATE TABLE kept AS SELECT 7 AS n");
    const sleeping = queryOnce(postgres.url, "SELECT pg_sleep(600)");
    const cut = expect(sleeping).rejects.toThrow();
    await expect
      .poll(() => postgres.query("SELECT 1 FROM pg_stat_activity WHERE query LIKE '%600%' AND pid <> pg_backend_pid()"))
      .not.toEqual([]);
    await postgres.restart();
    await cut;
    expect(await postgres.query("SELECT n FROM kept")).toEqual([{ n: 7 }]);
  });

  it("comes back after kill", async () => {
    await using postgres = await startPostgres({ version });
    await postgres.kill();
    await expect(postgres.query("SELECT 1")).rejects.toThrow();
    await postgres.restart();
    expect(await postgres.query("SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });

  it("answers nothing on open connections while paused", async () => {
    await using postgres = await startPostgres({ version });
    const counting = queryOnce(postgres.url, "SELECT pg_sleep(0.3), 1 AS one");
    await expect
      .poll(() => postgres.query("SELECT 1 FROM pg_stat_activity WHERE query LIKE '%0.3%' AND pid <> pg_backend_pid()"))
      .not.toEqual([]);
    postgres.pause();
    const first = await Promise.race([counting.then(() => "answered"), new Promise((done) => setTimeout(done, 600))]);
    expect(first).toBeUndefined();
    postgres.resume();
    expect(await counting).toMatchObject([{ one: 1 }]);
  });
}

needs("postgres-15")("a PostgreSQL 15 for tests", () => onPostgres(15));
describe("a PostgreSQL 18 for tests", () => onPostgres(18));

describe("a fresh database", () => {
  it("is empty, alone, and gone afterwards, also with a connection open", async () => {
    const one = await freshDatabase();
    await using other = await freshDatabase();
    await one.query("CREATE TABLE mine (n int)");
    expect(await other.query("SELECT 1 FROM pg_tables WHERE tablename = 'mine'")).toEqual([]);
    const cut = expect(queryOnce(one.url, "SELECT pg_sleep(600)")).rejects.toThrow();
    await one[Symbol.asyncDispose]();
    await cut;
    expect(await other.server.query("SELECT 1 FROM pg_database WHERE datname = $1", [one.name])).toEqual([]);
  });
});
