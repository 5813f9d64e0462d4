import { describe, expect, it } from "vitest";
import { Secret } from "../../../src/core/secret.ts";
import { PostgresRoleConfig } from "../../../src/rotators/postgres-role/config.ts";
import { reloadPgbouncer } from "../../../src/rotators/postgres-role/pgbouncer.ts";
import { inWorld, issue, wrong } from "../../contract/rotator-world.ts";
import { missingOf } from "../../servers/need.ts";
import { type PgBouncer, startPgBouncer } from "../../servers/pgbouncer.ts";
import { queryOnce } from "../../servers/postgres.ts";
import { onEachPostgres } from "./servers.ts";
import { makeWorld } from "./world.ts";

describe.skipIf(missingOf(["pgbouncer"]).length > 0)("through PgBouncer", () => {
  onEachPostgres("postgres-role", { createDatabases: ["shop"] }, (server) => {
    it("is tried there too where PgBouncer looks logins up: accepted after issue, refused after disable", async () => {
      await using bouncer = await startPgBouncer({ postgres: server(), mode: "auth_query", databases: ["shop"] });
      await inWorld(
        () =>
          makeWorld({
            mode: "dual",
            servers: [server()],
            database: "shop",
            entry: { pgbouncer: { url: urlOf(bouncer), mode: "auth_query" } },
          }),
        async (_world, issuer, run) => {
          const pending = await issue(issuer, run);
          expect((await issuer.test(pending)).verdict).toBe("accepted");
          expect((await issuer.test(run.current)).verdict).toBe("accepted");
          expect((await issuer.test(wrong(pending))).verdict).toBe("refused");

          await issuer.disable?.(run.current.ref);
          expect(await issuer.test(run.current)).toMatchObject({ verdict: "refused", disabled: true });
          await issuer.revoke(run.current.ref);
          expect((await issuer.test(run.current)).verdict).toBe("refused");
          expect((await issuer.test(pending)).verdict).toBe("accepted");
        },
      );
    });

    it("takes the published verifier after a RELOAD of its auth_file, and logs into the server with it", async () => {
      await using bouncer = await startPgBouncer({ postgres: server(), mode: "auth_file", databases: ["shop"] });
      const pgbouncer = {
        url: urlOf(bouncer),
        mode: "auth_file",
        console: { username: "console_admin", password: "env:CONSOLE" },
      };
      await inWorld(
        () => makeWorld({ mode: "dual", servers: [server()], database: "shop", entry: { pgbouncer } }),
        async (world, issuer, run) => {
          const pending = await issue(issuer, run);
          const login = {
            user: pending.ref.principal,
            password: pending.secret["password"]?.reveal() ?? "",
            database: "shop",
          };
          bouncer.writeUsers([{ name: login.user, secret: pending.secret["scram"]?.reveal() ?? "" }]);
          await expect(queryOnce(bouncer.urlFor(login), "SELECT 1")).rejects.toThrow();

          const config = PostgresRoleConfig.parse({
            kind: "postgres-role",
            url: "postgresql://127.0.0.1:1/shop",
            admin: { username: "x", password: "env:X" },
            role: "y",
            pgbouncer,
          });
          const guarded: string[] = [];
          const session = {
            rotationId: run.rotationId,
            epoch: 1,
            name: "keyturn:test:1",
            guard: () => void guarded.push("guard"),
          };
          await reloadPgbouncer(config, {
            session,
            signal: new AbortController().signal,
            resolve: async () => new Secret("console-of-a-test"),
          });

          expect(guarded).toEqual(["guard"]);
          expect(await queryOnce(bouncer.urlFor(login), "SELECT session_user::text AS who")).toEqual([
            { who: login.user },
          ]);
          expect(world.bound.shape.fields["scram"]).toBe("secret");
        },
      );
    });

    it("is told after a publish, twice if need be, and says so when PgBouncer does not let the new one in", async () => {
      await using bouncer = await startPgBouncer({ postgres: server(), mode: "auth_file", databases: ["shop"] });
      const console = { username: bouncer.admin.name, password: "env:CONSOLE" };
      const pgbouncer = { url: urlOf(bouncer), mode: "auth_file", console };
      await inWorld(
        async () => {
          const world = await makeWorld({ mode: "dual", servers: [server()], database: "shop", entry: { pgbouncer } });
          const resolve = (reference: string) =>
            reference === "env:CONSOLE" ? Promise.resolve(new Secret(bouncer.admin.secret)) : world.resolve(reference);
          return { ...world, resolve };
        },
        async (_world, issuer, run) => {
          const pending = await issue(issuer, run);
          const told = (): Promise<void> | undefined => issuer.published?.(pending);
          await expect(told()).rejects.toMatchObject({ code: "pgbouncer_refuses", name: "KeyturnError" });
          await issuer.published?.(undefined);

          const secret = pending.secret["scram"]?.reveal() ?? "";
          bouncer.writeUsers([{ name: pending.ref.principal, secret }]);
          await told();
          await told();
          bouncer.writeUsers([{ name: pending.ref.principal, secret: "another" }]);
          await expect(told()).rejects.toMatchObject({ code: "pgbouncer_refuses" });
        },
      );
    });

    it("finds a console that does not answer before the request goes on", () =>
      inWorld(
        () =>
          makeWorld({
            mode: "dual",
            servers: [server()],
            entry: {
              pgbouncer: {
                url: "postgresql://127.0.0.1:1/shop",
                mode: "auth_file",
                console: { username: "x", password: "env:X" },
              },
            },
          }),
        async (_world, issuer, run) => {
          expect(await issuer.preflight(run.current)).toMatchObject([{ severity: "error", code: "pgbouncer_console" }]);
        },
      ));
  });
});

function urlOf(bouncer: PgBouncer): string {
  return `postgresql://127.0.0.1:${bouncer.port}/shop`;
}
