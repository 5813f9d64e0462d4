import { Client } from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Postgres, queryOnce, startPostgres } from "./postgres.ts";
import { startWireProxy, type WireProxy } from "./wire-proxy.ts";

let postgres: Postgres;
const clients: Client[] = [];

beforeAll(async () => {
  postgres = await startPostgres({ version: 18 });
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.end().catch(() => undefined);
});
afterAll(() => postgres[Symbol.asyncDispose]());

function through(proxy: WireProxy): string {
  const url = new URL(postgres.url);
  url.port = String(proxy.port);
  return url.href;
}

async function clientOn(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  client.on("error", () => undefined);
  await client.connect();
  clients.push(client);
  return client;
}

function startProxy(): Promise<WireProxy> {
  return startWireProxy({ protocol: "postgres", port: postgres.port });
}

function seen(proxy: WireProxy): unknown[] {
  return proxy.commands().map(({ text, accepted, answer }) => [text, accepted, answer]);
}

describe("the wire proxy in front of PostgreSQL", () => {
  it("records logins and statements with their outcome and without literals", async () => {
    await using proxy = await startProxy();
    const client = await clientOn(through(proxy));
    await client.query("CREATE ROLE app_one LOGIN PASSWORD 'canary' -- don't tell");
    await client.query("ALTER ROLE app_one PASSWORD E'can\\'ary'");
    await client.query("DO $body$ BEGIN PERFORM 'canary'; END $body$");
    await expect(client.query("SELECT nothing FROM nowhere")).rejects.toThrow();
    const refused = through(proxy).replace("superuser-of-a-test", "wrong");
    await expect(queryOnce(refused, "SELECT 1")).rejects.toMatchObject({ code: "28P01" });
    expect(seen(proxy)).toEqual([
      ["login postgres", true, ""],
      ["CREATE ROLE app_one LOGIN PASSWORD '?'", true, "CREATE ROLE"],
      ["ALTER ROLE app_one PASSWORD '?'", true, "ALTER ROLE"],
      ["DO '?'", true, "DO"],
      ["SELECT nothing FROM nowhere", false, "42P01"],
      ["login postgres", false, "28P01"],
    ]);
  });

  it("counts each run of a prepared statement, and none that failed to parse as accepted", async () => {
    await using proxy = await startProxy();
    const client = await clientOn(through(proxy));
    proxy.reset();
    for (const n of [1, 2]) await client.query({ name: "twice", text: "SELECT $1::int AS n", values: [n] });
    await expect(client.query("SELEKT $1::int", [1])).rejects.toMatchObject({ code: "42601" });
    expect(seen(proxy)).toEqual([
      ["SELECT $1::int AS n", true, "SELECT 1"],
      ["SELECT $1::int AS n", true, "SELECT 1"],
      ["SELEKT $1::int", false, "42601"],
    ]);
  });

  it("does not count a COMMIT that rolled back, nor an Execute whose commit failed", async () => {
    await using proxy = await startProxy();
    const client = await clientOn(through(proxy));
    await client.query("CREATE TABLE parent (id int PRIMARY KEY)");
    await client.query("CREATE TABLE child (id int REFERENCES parent DEFERRABLE INITIALLY DEFERRED)");
    proxy.reset();
    await client.query("BEGIN");
    await client.query("SELECT 1/0").catch(() => undefined);
    await client.query("COMMIT");
    await expect(client.query("INSERT INTO child VALUES ($1)", [1])).rejects.toMatchObject({ code: "23503" });
    expect(seen(proxy)).toEqual([
      ["BEGIN", true, "BEGIN"],
      ["SELECT 1/0", false, "22012"],
      ["COMMIT", false, "ROLLBACK"],
      ["INSERT INTO child VALUES ($1)", false, "23503"],
    ]);
  });

  it("carries rows and parameters larger than any buffer", async () => {
    await using proxy = await startProxy();
    const client = await clientOn(through(proxy));
    const large = "y".repeat(8_000_000);
    const { rows } = await client.query<{ value: string }>("SELECT $1::text AS value", [large]);
    expect(rows[0]?.value === large).toBe(true);
    const { rows: other } = await client.query<{ n: number }>(`SELECT length('${large}') AS n`);
    expect(other).toEqual([{ n: large.length }]);
    expect(proxy.commands().at(-1)?.text).toBe("SELECT length('?'");
  });

  for (const parameters of [undefined, [1]] as const) {
    const protocol = parameters === undefined ? "simple" : "extended";
    const insert = `INSERT INTO effects_${protocol} VALUES (${parameters === undefined ? "1" : "$1"})`;
    const count = async (): Promise<unknown> =>
      (await postgres.query(`SELECT count(*)::int AS n FROM effects_${protocol}`))[0]?.["n"];

    describe(`with the ${protocol} protocol`, () => {
      beforeAll(() => postgres.query(`CREATE TABLE effects_${protocol} (n int)`));
      afterEach(() => postgres.query(`TRUNCATE effects_${protocol}`));

      it("holds a command until the hook answers", async () => {
        await using proxy = await startProxy();
        const gate = Promise.withResolvers<undefined>();
        const arrived = Promise.withResolvers<string>();
        proxy.onCommand((command) => {
          if (command.text !== insert) return undefined;
          arrived.resolve(command.text);
          return gate.promise;
        });
        const client = await clientOn(through(proxy));
        const inserted = client.query(insert, parameters?.slice());
        await arrived.promise;
        expect(await count()).toBe(0);
        gate.resolve(undefined);
        await inserted;
        expect(await count()).toBe(1);
      });

      it("drops a connection before the command reaches the server", async () => {
        await using proxy = await startProxy();
        proxy.onCommand((command) => (command.text === insert ? "drop" : "forward"));
        const client = await clientOn(through(proxy));
        await expect(client.query(insert, parameters?.slice())).rejects.toThrow();
        await untilNoOtherSession();
        expect(await count()).toBe(0);
        expect(proxy.commands().at(-1)).toMatchObject({ text: insert, forwarded: false, accepted: undefined });
      });

      it("drops a connection after the commit and before the reply", async () => {
        await using proxy = await startProxy();
        proxy.onCommand((command) => (command.text === insert ? "drop-reply" : "forward"));
        const client = await clientOn(through(proxy));
        await expect(client.query(insert, parameters?.slice())).rejects.toThrow();
        expect(await count()).toBe(1);
        expect(proxy.commands().at(-1)).toMatchObject({ text: insert, forwarded: true, accepted: true });
      });

      it("calls onReply after the commit and before the client knows", async () => {
        await using proxy = await startProxy();
        const atHook = Promise.withResolvers<unknown>();
        proxy.onReply(async (command) => {
          if (command.text === insert) atHook.resolve(await count());
          return undefined;
        });
        const client = await clientOn(through(proxy));
        await client.query(insert, parameters?.slice());
        expect(await atHook.promise).toBe(1);
      });
    });
  }

  it("shows the client nothing of an answer that is dropped, not even the rows before its end", async () => {
    await using proxy = await startProxy();
    proxy.onCommand((command) => (command.text.startsWith("SELECT n") ? "drop-reply" : "forward"));
    const client = await clientOn(through(proxy));
    let rows = 0;
    client.connection.on("dataRow", () => {
      rows += 1;
    });
    await client.query("SELECT 1");
    expect(rows).toBe(1);
    await expect(client.query("SELECT n FROM generate_series(1, 100000) AS n")).rejects.toThrow();
    expect(rows).toBe(1);
    expect(proxy.commands().at(-1)).toMatchObject({ accepted: true, answer: "SELECT 100000" });
  });

  it("records the answer to a command whose client has gone meanwhile", async () => {
    await using proxy = await startProxy();
    const client = await clientOn(through(proxy));
    const answered = Promise.withResolvers<boolean | undefined>();
    proxy.onReply((command) => {
      if (command.text === "SELECT pg_sleep(0.5)") answered.resolve(command.accepted);
      return undefined;
    });
    const sleeping = client.query("SELECT pg_sleep(0.5)").catch(() => undefined);
    await expect.poll(() => proxy.commands().at(-1)?.forwarded === true && proxy.commands().length === 2).toBe(true);
    client.connection.stream.destroy();
    expect(await answered.promise).toBe(true);
    await sleeping;
  });
});

async function untilNoOtherSession(): Promise<void> {
  const others = "SELECT 1 FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";
  await expect.poll(() => postgres.query(others)).toEqual([]);
}
