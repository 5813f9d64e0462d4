import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TryLater } from "../../../src/core/errors.ts";
import { inWorld, issue } from "../../contract/rotator-world.ts";
import { type Postgres, startPostgres } from "../../servers/postgres.ts";
import { makeWorld } from "./world.ts";

describe("postgres-role on two servers", () => {
  let first: Postgres;
  let second: Postgres;
  beforeAll(async () => {
    first = await startPostgres({ version: 18 });
    second = await startPostgres({ version: 18 });
  });
  afterAll(async () => {
    await first[Symbol.asyncDispose]();
    await second[Symbol.asyncDispose]();
  });
  const both = () => makeWorld({ mode: "dual", servers: [first, second] });
  const canLogIn = async (server: Postgres, role: string): Promise<unknown> =>
    (await server.query("SELECT rolcanlogin FROM pg_roles WHERE rolname = $1", [role]))[0]?.["rolcanlogin"];

  it("changes none when one of them would refuse", () =>
    inWorld(both, async (_world, issuer, run) => {
      const other = run.proposed?.ref.principal ?? "";
      await second.query(`DROP ROLE ${other}`);

      await expect(issue(issuer, run)).rejects.toMatchObject({ code: "role_missing" });

      expect(await canLogIn(first, other)).toBe(false);
    }));

  it("knows no verdict while they disagree about a login", () =>
    inWorld(both, async (_world, issuer, run) => {
      const pending = await issue(issuer, run);
      expect((await issuer.test(pending)).verdict).toBe("accepted");
      await second.query(`ALTER ROLE ${pending.ref.principal} NOLOGIN`);

      expect(await issuer.test(pending)).toMatchObject({ verdict: "unknown", code: "servers_disagree" });
    }));

  it("sees the sessions of both, and ends the one that is named", () =>
    inWorld(both, async (world, issuer, run) => {
      const session = await world.login(world.current);
      const [use] = (await issuer.usage?.(run.current.ref, undefined)) ?? [];
      await issuer.closeSession?.(`${use?.id ?? ""}9`);
      expect(await issuer.usage?.(run.current.ref, undefined)).toHaveLength(1);

      await issuer.closeSession?.(use?.id ?? "");

      expect(await issuer.usage?.(run.current.ref, undefined)).toEqual([]);
      await session.close();
    }));

  it("does not identify a role that carries different marks", () =>
    inWorld(both, async (world, issuer, run) => {
      await second.query(`COMMENT ON ROLE ${run.current.ref.principal} IS '[keyturn:somebody]'`);

      await expect(issuer.identify(world.current)).rejects.toMatchObject({ code: "servers_disagree" });
    }));

  it("tries later when one of them is down, and has changed none", () =>
    inWorld(both, async (_world, issuer, run) => {
      await second.stop();
      await expect(issue(issuer, run)).rejects.toBeInstanceOf(TryLater);
      expect(await canLogIn(first, run.proposed?.ref.principal ?? "")).toBe(false);
      await second.restart();
    }));
});
