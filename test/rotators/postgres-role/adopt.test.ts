import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import type { Context } from "../../../src/core/ports.ts";
import { Secret } from "../../../src/core/secret.ts";
import { adoptPostgres } from "../../../src/rotators/postgres-role/adopt.ts";
import { readAdoptState } from "../../../src/rotators/postgres-role/adopt-state.ts";
import { PostgresRoleConfig } from "../../../src/rotators/postgres-role/config.ts";
import { postgresRole } from "../../../src/rotators/postgres-role/rotator.ts";
import type { Postgres } from "../../servers/postgres.ts";
import { onEachPostgres } from "./servers.ts";
import { alphabet, as, fields, stayConnected } from "./world.ts";

const context: Context = {
  session: { rotationId: "r1", epoch: 1, name: "keyturn:r1:1", guard: () => undefined },
  signal: new AbortController().signal,
  resolve: async () => new Secret("admin-of-adopt"),
};

onEachPostgres("one role that owns its tables in two databases", {}, (server) => {
  it("becomes two roles over an owner by the printed commands, is rotated, and the new role can migrate", async () => {
    const shop = await makeShop(server());
    const { role, databases, entry } = shop;
    const open = await Promise.all(databases.map((database) => stayConnected(server(), shop.login, database)));
    const plan = adoptPostgres(await readAdoptState(PostgresRoleConfig.parse(entry), context));
    expect(plan.blockers).toEqual([]);
    expect(plan.steps.filter((step) => step.effect === "lock").map((step) => step.database)).toEqual(
      [...databases].sort(),
    );

    // Nobody is refused at any moment: a login and a write after each command, and the sessions that stay open.
    for (const step of plan.steps) {
      await server().query(step.sql, [], step.database);
      for (const [index, database] of databases.entries()) {
        await as(server(), shop.login, "INSERT INTO orders DEFAULT VALUES", database);
        await as(server(), shop.login, "SELECT * FROM ledger", database);
        await open[index]?.query("INSERT INTO orders DEFAULT VALUES");
        await as(
          server(),
          shop.login,
          `SELECT count_orders(), currval('private.counter') IS NULL FROM (SELECT nextval('private.counter')) AS n`,
          database,
        );
        await as(server(), shop.login, "SELECT * FROM mine", database);
      }
    }
    expect(
      adoptPostgres(
        await readAdoptState(
          PostgresRoleConfig.parse({ ...entry, role: undefined, roles: plan.entry.roles, owner: plan.entry.owner }),
          context,
        ),
      ).steps,
    ).toEqual([]);

    const { role: _single, ...rest } = entry;
    const issuer = await postgresRole.bind({ ...rest, ...plan.entry }).open(context);
    const current = await issuer.identify(shop.login);
    expect((await issuer.preflight(current)).filter(({ severity }) => severity !== "info")).toEqual([]);
    const proposed = await issuer.propose?.({ rotationId: "r1", current, alphabet });
    const pending = await issuer.issue({ rotationId: "r1", proposed, current });
    expect(pending.ref.principal).toBe(plan.entry.roles[1]);
    for (const [index, database] of databases.entries()) {
      await as(server(), pending, "ALTER TABLE orders ADD COLUMN note text", database);
      await as(server(), pending, "CREATE TABLE public.made_later (n int)", database);
      await as(server(), pending, "INSERT INTO orders (note) VALUES ('by the new role')", database);
      await as(server(), pending, "SELECT * FROM ledger", database);
      await as(server(), pending, "SELECT * FROM mine", database);
      await as(server(), pending, "SELECT count_orders(), nextval('private.counter')", database);
      await as(server(), shop.reporter, "SELECT * FROM made_later", database);
      await open[index]?.query("INSERT INTO orders (note) VALUES ('by an old session')");
      await open[index]?.query("INSERT INTO made_later VALUES (1)");
      await as(server(), shop.login, "ALTER TABLE made_later ADD COLUMN m int", database);
    }
    expect((await issuer.test(current)).verdict).toBe("accepted");
    await issuer.disable?.(current.ref);
    await issuer.revoke(current.ref);
    expect(await issuer.test(current)).toMatchObject({ verdict: "refused", code: "28P01" });
    expect((await issuer.test(pending)).verdict).toBe("accepted");
    await issuer.close();
    for (const connection of open) await connection.close();
    expect(await as(server(), pending, "SHOW statement_timeout")).toEqual([{ statement_timeout: "47s" }]);
    expect(role).toBe(plan.entry.roles[0]);
  });

  it("is as before when the printed commands are taken back in reverse order", async () => {
    const shop = await makeShop(server());
    const before = await ownership(server(), shop);
    const plan = adoptPostgres(await readAdoptState(PostgresRoleConfig.parse(shop.entry), context));
    for (const step of plan.steps) await server().query(step.sql, [], step.database);
    expect(await ownership(server(), shop)).not.toEqual(before);

    const kept = plan.steps.filter(({ undo }) => undo === undefined).map(({ sql }) => sql);
    for (const step of plan.steps.toReversed()) {
      if (step.undo?.startsWith("DROP ROLE") === true) continue;
      if (step.undo !== undefined) await server().query(step.undo, [], step.database);
    }

    expect(await ownership(server(), shop)).toEqual(before);
    expect(kept.every((sql) => /^ALTER (DEFAULT PRIVILEGES|ROLE .* SET)/.test(sql))).toBe(true);
    await as(server(), shop.login, "ALTER TABLE orders ADD COLUMN x int", shop.databases[0]);
  });

  it("refuses to print a way for a superuser", async () => {
    const shop = await makeShop(server());
    await server().query(`ALTER ROLE ${shop.role} SUPERUSER`);

    expect(adoptPostgres(await readAdoptState(PostgresRoleConfig.parse(shop.entry), context)).blockers).toHaveLength(1);
  });
});

type Shop = Awaited<ReturnType<typeof makeShop>>;

/** An application as people have it: one role, its own tables, some things of others, a schema of its own name, defaults for a reporter. */
async function makeShop(server: Postgres) {
  const tag = randomUUID().slice(0, 8);
  const role = `shop_${tag}`;
  const databases = [`main_${tag}`, `tenant_${tag}`] as const;
  const reporterName = `report_${tag}`;
  const admin = `keyturn_${tag}`;
  const login = fields(role, "password-of-the-shop");
  await server.query(
    `CREATE ROLE ${role} LOGIN PASSWORD 'password-of-the-shop'; ALTER ROLE ${role} SET statement_timeout TO '47s'`,
  );
  await server.query(
    `CREATE ROLE ${reporterName} LOGIN PASSWORD 'password-of-the-reporter'; CREATE ROLE ${admin} LOGIN CREATEROLE PASSWORD 'admin-of-adopt'`,
  );
  await server.query(`GRANT pg_signal_backend, pg_read_all_stats TO ${admin}`);
  await server.query(`CREATE ROLE auditors_${tag} NOLOGIN; GRANT auditors_${tag} TO ${role}`);
  for (const [index, database] of databases.entries()) {
    await server.query(index === 0 ? `CREATE DATABASE ${database} OWNER ${role}` : `CREATE DATABASE ${database}`);
    await server.query(
      `CREATE TABLE ledger (n int); GRANT SELECT ON ledger TO auditors_${tag};
       CREATE SCHEMA private; CREATE SEQUENCE private.counter; GRANT USAGE ON SCHEMA private TO ${role}; GRANT USAGE ON SEQUENCE private.counter TO ${role};
       GRANT ALL ON SCHEMA public TO ${role}; GRANT CREATE ON DATABASE ${database} TO ${role}`,
      [],
      database,
    );
    for (const sql of [
      "CREATE TABLE public.orders (id serial PRIMARY KEY)",
      `ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO ${reporterName}`,
      "CREATE FUNCTION public.count_orders() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM public.orders'",
      `CREATE SCHEMA ${role}`,
      `CREATE TABLE ${role}.mine (n int)`,
    ]) {
      await as(server, login, sql, database);
    }
  }
  const entry = {
    kind: "postgres-role",
    url: `postgresql://127.0.0.1:${server.port}/${databases[0]}`,
    admin: { username: admin, password: "env:ADMIN" },
    role,
  };
  return { tag, role, databases, login, reporter: fields(reporterName, "password-of-the-reporter"), entry };
}

/** Who owns and may what, in all databases of the shop. */
async function ownership(server: Postgres, shop: Shop): Promise<unknown> {
  const all: unknown[] = [
    await server.query(
      "SELECT datname, datdba::regrole::text, datacl::text FROM pg_database WHERE datname = ANY($1) ORDER BY 1",
      [shop.databases],
    ),
  ];
  for (const database of shop.databases) {
    all.push(
      await server.query(
        `SELECT oid::regclass::text, relowner::regrole::text, relacl::text FROM pg_class WHERE relnamespace::regnamespace::text NOT LIKE 'pg\\_%' AND relnamespace <> 'information_schema'::regnamespace ORDER BY 1`,
        [],
        database,
      ),
    );
  }
  const roles =
    "SELECT rolname, rolinherit, setconfig FROM pg_roles r LEFT JOIN pg_db_role_setting s ON s.setrole = r.oid AND s.setdatabase = 0 WHERE rolname = $1";
  return [...all, await server.query(roles, [shop.role])];
}
