import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { rootOf, rootUser } from "../rotators/redis-acl/world.ts";
import { freshDatabase } from "../servers/fresh-database.ts";
import { needs } from "../servers/need.ts";
import { freePort } from "../servers/port.ts";
import { startRedis } from "../servers/redis.ts";
import { keyturn } from "./command-line.ts";
import { countingListener, openPlace, policy, target } from "./places.ts";

it("plan opens no connection, whatever the target, and --live does", async () => {
  await using listener = await countingListener();
  await using place = await openPlace({ ADMIN: "admin-password" });
  const at = `127.0.0.1:${String(listener.port)}`;
  const file = await place.write(".env", `URL=postgresql://shop_a:first@${at}/shop\nREDIS=redis://app:first@${at}\n`);
  const checks = [`{ kind: http, url: "http://${at}/health", expect: { status: 200 } }`, "{ kind: login }"];
  const admin = `admin: { username: keyturn, password: "env:ADMIN" }`;
  await place.write(
    "catalog.yaml",
    policy +
      target({
        secret: "postgres",
        file,
        checks,
        rotator: `{ kind: postgres-role, url: "postgresql://${at}/shop", ${admin}, roles: [shop_a, shop_b], owner: shop }`,
        values: { URL: `postgresql://{{username}}:{{password}}@${at}/shop` },
      }) +
      target({
        secret: "redis",
        file,
        checks,
        rotator: `{ kind: redis-acl, url: "redis://${at}", ${admin}, user: app }`,
        values: { REDIS: `redis://{{username}}:{{password}}@${at}` },
      }),
  );
  for (const secret of ["postgres", "redis"]) {
    const { code, out, err } = await keyturn(["plan", secret, "prod"], place.env);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain("<- point of no return");
    expect(out).toContain("nothing was looked at");
  }
  expect(listener.count()).toBe(0);

  const live = await keyturn(["plan", "redis", "prod", "--live"], place.env);
  expect(live.code).toBe(1);
  expect(listener.count()).toBeGreaterThan(0);
}, 60_000);

it("plan --live finds everything that is wrong with a PostgreSQL target at once, and changes nothing", async () => {
  await using database = await freshDatabase();
  const { server } = database;
  const tag = randomBytes(3).toString("hex");
  const secrets = { ADMIN: `admin-password-${tag}`, first: `first-password-${tag}`, second: `second-password-${tag}` };
  await server.query(`CREATE ROLE keyturn_${tag} LOGIN PASSWORD '${secrets.ADMIN}'`);
  await server.query(`CREATE ROLE shop_${tag} NOLOGIN`);
  await server.query(`CREATE ROLE shop_${tag}_a LOGIN PASSWORD '${secrets.first}' IN ROLE shop_${tag}`);
  await using place = await openPlace({ ADMIN: secrets.ADMIN });
  const closed = `127.0.0.1:${String(await freePort())}`;
  const url = (password: string): string => `postgresql://shop_${tag}_a:${password}@127.0.0.1:${String(server.port)}/x`;
  const template = `postgresql://{{username}}:{{password}}@127.0.0.1:${String(server.port)}/x`;
  const file = await place.write(
    ".env",
    `ONE=${url(secrets.first)}\nTWO=${url(secrets.second)}\nTHREE=something else\n`,
  );
  await place.write(
    "catalog.yaml",
    policy +
      target({
        secret: "postgres",
        file,
        checks: [`{ kind: http, url: "http://${closed}/health", expect: { status: 200 } }`],
        rotator: `{ kind: postgres-role, url: "postgresql://127.0.0.1:${String(server.port)}/postgres", admin: { username: keyturn_${tag}, password: "env:ADMIN" }, roles: [shop_${tag}_a, shop_${tag}_b], owner: shop_${tag} }`,
        values: { ONE: template, TWO: template, THREE: template },
      }),
  );
  const before = [await rolesOf(), await readFile(file, "utf8")];
  const { code, out, err } = await keyturn(["plan", "postgres", "prod", "--live"], place.env);

  expect([code, err]).toEqual([1, ""]);
  expect(out).toContain('two keys disagree about "password"');
  expect(out).toContain("key THREE: the value is not of the format url");
  expect(out).toContain(`ERROR: role shop_${tag}_b does not exist`);
  expect(out).toContain(`  run: CREATE ROLE "shop_${tag}_b" NOLOGIN INHERIT IN ROLE "shop_${tag}";`);
  expect(out).toContain(`  run: GRANT "shop_${tag}_a" TO "keyturn_${tag}" WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;`);
  expect(out).toContain("pg_signal_backend");
  expect(out).toMatch(/ERROR|WARNING/);
  expect(out).toMatch(new RegExp(`${closed}.*(refused|reach|answer)`));
  expect(out).toMatch(/\d errors, \d warnings?: a request would be refused\n$/);
  Object.values(secrets).forEach((secret) => expect(out).not.toContain(secret));
  expect([await rolesOf(), await readFile(file, "utf8")]).toEqual(before);

  function rolesOf() {
    return server.query(
      `SELECT rolname, rolcanlogin, rolpassword, (SELECT array_agg(r.roleid::regrole::text) FROM pg_auth_members r WHERE r.member = a.oid) AS memberships,
         (SELECT array_agg(setconfig) FROM pg_db_role_setting WHERE setrole = a.oid) AS settings, shobj_description(oid, 'pg_authid') AS comment
       FROM pg_authid a WHERE rolname LIKE '%${tag}%' ORDER BY 1`,
    );
  }
}, 60_000);

needs("redis-server")("plan --live of a Redis target", () => {
  it("finds a template that does not fit, a missing user, missing rights and a server that is away at once, and changes nothing", async () => {
    await using server = await startRedis({
      users: [
        rootUser,
        "default off",
        "keyturn on >admin-password-1 -@all +ping +hello +auth +acl|whoami +acl|getuser +acl|list +acl|users +config|get +client|list +client|setname +info",
      ],
    });
    await using place = await openPlace({ ADMIN: "admin-password-1" });
    const file = await place.write(".env", `REDIS=127.0.0.1:${String(server.port)},password=first-password-1\n`);
    const away = await freePort();
    await place.write(
      "catalog.yaml",
      policy +
        target({
          secret: "redis",
          file,
          checks: [],
          rotator: `{ kind: redis-acl, url: "redis://127.0.0.1:${String(server.port)}", nodes: ["redis://127.0.0.1:${String(server.port)}", "redis://127.0.0.1:${String(away)}"], admin: { username: keyturn, password: "env:ADMIN" }, user: app }`,
          values: { REDIS: `127.0.0.1:${String(server.port)},user={{username}},password={{password}}` },
        }),
    );
    const root = rootOf(server);
    const before = [await root.call("ACL", "LIST"), await readFile(file, "utf8")];
    const { code, out, err } = await keyturn(["plan", "redis", "prod", "--live"], place.env);

    expect([code, err]).toEqual([1, ""]);
    expect(out).toContain("key REDIS: the value has no user");
    expect(out).toMatch(/ERROR: .*has no user app /);
    expect(out).toMatch(/run: .*ACL SETUSER keyturn/);
    expect(out).toContain(`127.0.0.1:${String(away)}`);
    expect(out).not.toContain("first-password-1");
    expect([await root.call("ACL", "LIST"), await readFile(file, "utf8")]).toEqual(before);

    root.disconnect();
  }, 60_000);
});
