import { expect, it } from "vitest";
import { logFunctions } from "../../../src/rotators/postgres-role/server-log.ts";
import { inWorld, wrong } from "../../contract/rotator-world.ts";
import { onEachPostgres } from "./servers.ts";
import { as, makeWorld } from "./world.ts";

const config = ["logging_collector = on", "log_destination = 'stderr,jsonlog'", "log_timezone = 'Europe/Berlin'"];

onEachPostgres("refused logins in the server's log", { config }, (server) => {
  const withLog = async () => {
    const world = await makeWorld({ mode: "dual", servers: [server()], entry: { log: true } });
    await server().query(`GRANT EXECUTE ON ${logFunctions} TO ${world.names.admin}`);
    return world;
  };

  it("are those with the right password of a disabled role, not those of strangers with a wrong one", () =>
    inWorld(withLog, async (world, issuer, run) => {
      const [clock] = await server().query(
        "SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"') AS now",
      );
      const since = String(clock?.["now"]);
      await issuer.disable?.(run.current.ref);
      await expect(as(server(), world.current, "SELECT 1")).rejects.toMatchObject({ code: "28000" });
      await expect(as(server(), world.current, "SELECT 1")).rejects.toMatchObject({ code: "28000" });
      await expect(as(server(), wrong(run.current), "SELECT 1")).rejects.toMatchObject({ code: "28P01" });

      await expect
        .poll(async () => issuer.refusals?.(run.current.ref, since))
        .toMatchObject([{ address: "127.0.0.1", client: "", presented: true, count: 2 }]);
      const [refusal] = (await issuer.refusals?.(run.current.ref, since)) ?? [];
      expect(Date.parse(refusal?.at ?? "")).toBeGreaterThanOrEqual(Date.parse(since));
      expect(
        await issuer.refusals?.(run.current.ref, new Date(Date.parse(refusal?.at ?? "") + 1).toISOString()),
      ).toEqual([]);
    }));

  it("need the privilege to read the log, which preflight asks for by its command", () =>
    inWorld(
      () => makeWorld({ mode: "dual", servers: [server()], entry: { log: true } }),
      async (_world, issuer, run) => {
        const findings = await issuer.preflight(run.current);
        expect(findings).toMatchObject([{ severity: "error", code: "log_not_readable" }]);
        await expect(issuer.refusals?.(run.current.ref, "2026-01-01T00:00:00Z")).rejects.toMatchObject({
          code: "not_permitted",
        });

        await server().query(findings[0]?.command ?? "");
        expect(await issuer.preflight(run.current)).toEqual([]);
      },
    ));
});
