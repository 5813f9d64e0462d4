import { expect, it } from "vitest";
import { needs } from "./need.ts";
import { startPgBouncer } from "./pgbouncer.ts";
import { queryOnce, startPostgres } from "./postgres.ts";

needs("pgbouncer")("a PgBouncer for tests", () => {
  it("looks logins up in PostgreSQL by auth_query, so that a new password counts at once", async () => {
    await using postgres = await startPostgres({ version: 18, createDatabases: ["shop"] });
    await postgres.query("CREATE ROLE app LOGIN PASSWORD 'first'");
    await using bouncer = await startPgBouncer({ postgres, mode: "auth_query", databases: ["shop"] });
    const first = bouncer.urlFor({ user: "app", password: "first", database: "shop" });
    expect(await queryOnce(first, "SELECT current_user AS who")).toEqual([{ who: "app" }]);
    await postgres.query("ALTER ROLE app PASSWORD 'second'");
    await expect(queryOnce(first, "SELECT 1")).rejects.toThrow();
    const second = bouncer.urlFor({ user: "app", password: "second", database: "shop" });
    expect(await queryOnce(second, "SELECT current_user AS who")).toEqual([{ who: "app" }]);
  });

  it("takes logins from auth_file after RELOAD, with the verifier of pg_authid", async () => {
    await using postgres = await startPostgres({ version: 18, createDatabases: ["shop"] });
    await postgres.query("CREATE ROLE app LOGIN PASSWORD 'secret'");
    await using bouncer = await startPgBouncer({ postgres, mode: "auth_file", databases: ["shop"] });
    const url = bouncer.urlFor({ user: "app", password: "secret", database: "shop" });
    await expect(queryOnce(url, "SELECT 1")).rejects.toThrow();
    const [row] = await postgres.query("SELECT rolpassword FROM pg_authid WHERE rolname = 'app'");
    bouncer.writeUsers([{ name: "app", secret: String(row?.["rolpassword"]) }]);
    await bouncer.console("RELOAD");
    expect(await queryOnce(url, "SELECT current_user AS who")).toEqual([{ who: "app" }]);
    const wrong = bouncer.urlFor({ user: "app", password: "wrong", database: "shop" });
    await expect(queryOnce(wrong, "SELECT 1")).rejects.toThrow();
  });

  it("answers on its console and comes back after kill", async () => {
    await using postgres = await startPostgres({ version: 18, createDatabases: ["shop"] });
    await using bouncer = await startPgBouncer({ postgres, mode: "auth_file", databases: ["shop"] });
    await bouncer.kill();
    await bouncer.restart();
    const databases = await bouncer.console("SHOW DATABASES");
    expect(databases.map((row) => row["name"])).toEqual(["pgbouncer", "shop"]);
    await expect(queryOnce(bouncer.consoleUrl.replace("console-of", "wrong"), "SHOW POOLS")).rejects.toThrow();
  });
});
