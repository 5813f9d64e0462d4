import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import pg from "pg";
import { describe, expect, it } from "vitest";
import { openStage } from "../engine/stage.ts";
import { report } from "../engine/story.ts";
import { clientOf } from "../rotators/redis-acl/world.ts";
import { freshDatabase } from "../servers/fresh-database.ts";
import { needs } from "../servers/need.ts";
import { type Postgres, queryOnce, startPostgres } from "../servers/postgres.ts";
import { superuser } from "../servers/postgres-data.ts";
import { startRedis } from "../servers/redis.ts";
import { keyturn, piped } from "./command-line.ts";
import { openTruLoad, runScript, type TruLoad } from "./truload-world.ts";

const first = `first-password-${randomBytes(8).toString("hex")}`;
const admin = `admin-password-${randomBytes(8).toString("hex")}`;
const psql = "/usr/bin/psql";
const databases = ["truload", "kura"] as const;

/** Rotates through the engine, with a state of its own, and returns the sentence of the proof. */
async function rotate(truload: TruLoad): Promise<string> {
  await using database = await freshDatabase();
  const { catalog, place } = truload;
  const references = { ADMIN: admin };
  const stage = await openStage({ databaseUrl: database.url, folder: place.folder, catalog, references });
  try {
    const rotation = await stage.drive(await stage.approved());
    expect(rotation.ended, report(rotation)).toMatchObject({ status: "done", leftovers: [] });
    return rotation.steps["prove"]?.sentence ?? "";
  } finally {
    await stage.close();
  }
}

describe.for([18, 15] as const)("the database of TruLoad, on PostgreSQL %i", (version) => {
  const describeIfThere = version === 15 ? needs("postgres-15") : describe;
  describeIfThere("one role that owns its tables in two databases", () => {
    it("is adopted by the printed commands, rotated, and then migrated by the new role, with no refused login", async () => {
      await using server = await startPostgres({ version });
      await makeDatabases(server);
      const place = (database: string, login: string): string =>
        `Host=127.0.0.1;Port=${String(server.port)};Database=${database};${login};Pooling=true`;
      await using truload = await openTruLoad({
        kind: "postgres",
        values: {
          CONNECTIONSTRINGS__DEFAULTCONNECTION: `"${place("truload", `Username=truload_user;Password=${first}`)}"`,
          TENANTDATABASES__KURA: `"${place("kura", `Username=truload_user;Password=${first}`)}"`,
        },
        templates: {
          CONNECTIONSTRINGS__DEFAULTCONNECTION: place("truload", "Username={{username}};Password={{password}}"),
          TENANTDATABASES__KURA: place("kura", "Username={{username}};Password={{password}}"),
        },
        rotator: `{ kind: postgres-role, url: "postgresql://127.0.0.1:${String(server.port)}/truload", admin: { username: keyturn, password: "env:ADMIN" }, roles: [truload_user, truload_b], owner: truload_owner }`,
        references: { ADMIN: admin },
      });
      const { env } = truload.place;

      // Without a role of its own Keyturn sees nothing; it says how to make one.
      const early = await keyturn(["adopt", "postgres", "prod"], env);
      expect([early.code, early.out]).toEqual([1, ""]);
      expect(early.err).toContain('CREATE ROLE "keyturn" LOGIN CREATEROLE;');
      await server.query(`CREATE ROLE keyturn LOGIN CREATEROLE PASSWORD '${admin}'`);
      await server.query("GRANT pg_signal_backend, pg_read_all_stats TO keyturn");

      const printed = await keyturn(["adopt", "postgres", "prod"], env);
      expect(printed).toMatchObject({ code: 0, err: "" });
      expect(printed.out).toContain("(LOCKS)");
      expect(printed.out).not.toContain(first);
      const open = await Promise.all(databases.map((database) => sessionOf(server, database)));
      await runPrinted(server, printed.out);
      for (const session of open) {
        await session.query("INSERT INTO weighings (axle) VALUES (5000)");
        await session.query("SELECT * FROM heavy");
        await session.end();
      }
      expect((await keyturn(["adopt", "postgres", "prod"], env)).out).toMatch(/^-- nothing to do/);
      expect((await truload.world.totals()).refused).toBe(0);
      expect((await keyturn(["plan", "postgres", "prod", "--live"], env)).out).toContain("it can be requested");

      for (const round of [1, 2]) {
        expect(await rotate(truload)).toMatch(/^proved: old credential refused/);
        const keys = ["CONNECTIONSTRINGS__DEFAULTCONNECTION", "TENANTDATABASES__KURA"];
        const urls = await Promise.all(keys.map((key) => truload.url(key)));
        expect(urls.map((url) => new URL(url).username)).toEqual(
          Array(2).fill(round === 1 ? "truload_b" : "truload_user"),
        );
        for (const url of urls) await migrate(url, round);
      }
      expect(await truload.text()).toMatch(
        /^# truload-backend\nCONN.*;Pooling=true"?\nTENANT.*;Pooling=true"?\nASPNETCORE_/,
      );
      const { logins, refused } = await truload.world.totals();
      expect(refused).toBe(0);
      expect(logins).toBeGreaterThan(100);
    }, 600_000);
  });
});

needs("redis-server")("the Redis of TruLoad, with nothing but requirepass", () => {
  it.each([
    ["a user of its own", "truload"],
    ["the user default, by its hashes", "default"],
  ])(
    "%s: is adopted by the printed commands and rotated, with no refused login; requirepass stays",
    async (_what, user) => {
      await using server = await startRedis({ requirepass: first });
      const at = `127.0.0.1:${String(server.port)}`;
      const named = user === "default" ? "" : "user={{username}},";
      const key = "REDIS__CONNECTIONSTRING";
      await using truload = await openTruLoad({
        kind: "redis",
        values: { [key]: `${at},password=${first},abortConnect=false` },
        templates: { [key]: `${at},${named}password={{password}},abortConnect=false` },
        rotator: `{ kind: redis-acl, url: "redis://${at}", admin: { username: keyturn, password: "env:ADMIN" }, user: ${user} }`,
        references: { ADMIN: admin },
      });
      const { env } = truload.place;
      const printed = await keyturn(["adopt", "redis", "prod"], env);
      expect(printed).toMatchObject({ code: 0, err: "" });
      expect(printed.out).not.toContain(first);
      expect(printed.out).not.toContain(admin);
      const shell = { PATH: process.env["PATH"] ?? "", REDISCLI_AUTH: first, KEYTURN_REDIS_PASSWORD: admin };
      const ran = await piped("sh", [], shell, printed.out);
      expect([ran.code, ran.err]).toEqual([0, ""]);
      expect(ran.out).toMatch(/^(OK\n)+$/);
      expect((await truload.world.totals()).refused).toBe(0);

      if (user !== "default") {
        expect(printed.out).toContain(`# then put the user name into ${key}`);
        expect(printed.out).toMatch(/\n# BY HAND, LATER: [^]*\n# {3}.*ACL SETUSER default off\n/);
        await truload.world.rewrite(key, `${at},user=${user},password=${first},abortConnect=false`);
        for (const { id } of truload.world.instances) await truload.world.restart(id);
      }
      expect((await keyturn(["plan", "redis", "prod", "--live"], env)).out).toContain("it can be requested");
      expect(await rotate(truload)).toMatch(/^proved: old credential refused/);

      const { username, password } = new URL(await truload.url(key));
      expect([username, password === first]).toEqual([user, false]);
      const root = clientOf(server.urlFor("keyturn", admin));
      expect(await root.call("CONFIG", "GET", "requirepass")).toEqual(["requirepass", first]);
      const flags = await root.call("ACL", "GETUSER", user);
      expect(JSON.stringify(flags)).toContain(createHash("sha256").update(decodeURIComponent(password)).digest("hex"));
      expect(JSON.stringify(flags)).not.toContain(createHash("sha256").update(first).digest("hex"));
      root.disconnect();
      const { logins, refused } = await truload.world.totals();
      expect(refused).toBe(0);
      expect(logins).toBeGreaterThan(100);
    },
    400_000,
  );
});

async function makeDatabases(server: Postgres): Promise<void> {
  await server.query(`CREATE ROLE truload_user LOGIN PASSWORD '${first}'`);
  for (const database of databases) {
    await server.query(`CREATE DATABASE ${database} OWNER truload_user`);
    const url = server.urlFor({ user: "truload_user", password: first, database });
    await queryOnce(url, "CREATE TABLE weighings (id serial PRIMARY KEY, axle int)");
    await queryOnce(url, "CREATE VIEW heavy AS SELECT * FROM weighings WHERE axle > 10000");
    await queryOnce(url, "INSERT INTO weighings (axle) VALUES (9000), (11000)");
  }
}

/** A session of the old role, as a pool of connections keeps it. */
async function sessionOf(server: Postgres, database: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: server.urlFor({ user: "truload_user", password: first, database }),
  });
  await client.connect();
  return client;
}

/** Pipes what was printed into psql. */
async function runPrinted(server: Postgres, script: string): Promise<void> {
  const { name, password } = superuser;
  const urlFor = (database: string): string => server.urlFor({ user: name, password, database });
  if (existsSync(psql)) {
    const ran = await piped(psql, ["-X", "-q", urlFor("postgres")], { PATH: "/usr/bin:/bin" }, script);
    expect([ran.code, ran.err]).toEqual([0, ""]);
  } else {
    await runScript(script, urlFor);
  }
}

/** What a deployment does: as the role that stands in the `.env` now. What an earlier role made is changed too. */
async function migrate(url: string, round: number): Promise<void> {
  for (const sql of [
    `ALTER TABLE weighings ADD COLUMN note_${String(round)} text`,
    `CREATE TABLE tickets_${String(round)} (id serial PRIMARY KEY, weighing int REFERENCES weighings)`,
    `CREATE INDEX tickets_${String(round)}_weighing ON tickets_${String(round)} (weighing)`,
    `INSERT INTO weighings (axle, note_${String(round)}) VALUES (12000, 'after the rotation')`,
    ...(round === 1
      ? []
      : ["ALTER TABLE tickets_1 ADD COLUMN paid boolean", "INSERT INTO tickets_1 (paid) VALUES (true)"]),
  ]) {
    await queryOnce(url, sql);
  }
  expect(await queryOnce(url, "SELECT count(*)::int AS heavy FROM heavy")).toEqual([{ heavy: 1 + round }]);
}
