import { expect, it } from "vitest";
import { LeaseLost, TryLater } from "../../../src/core/errors.ts";
import { guardThatStopsAfter, inWorld, issue, openIssuer } from "../../contract/rotator-world.ts";
import { onEachPostgres } from "./servers.ts";
import { makeWorld, stayConnected, superuserFields } from "./world.ts";

onEachPostgres("a role and its mark", {}, (server) => {
  const dual = () => makeWorld({ mode: "dual", servers: [server()] });

  it("change together or not at all when the lease ends between two commands", () =>
    inWorld(dual, async (world, issuer, run) => {
      const state = () =>
        server().query(
          "SELECT rolcanlogin, rolpassword, shobj_description(oid, 'pg_authid') AS comment FROM pg_authid WHERE rolname = $1",
          [run.proposed?.ref.principal],
        );
      const before = await state();
      for (const passes of [0, 1, 2]) {
        const late = await openIssuer(world, run.rotationId, { guard: guardThatStopsAfter(passes) });
        await expect(issue(late, run)).rejects.toBeInstanceOf(LeaseLost);
        expect(await state()).toEqual(before);
        // The session is still good: nothing hangs in an open transaction.
        expect((await late.list()).length).toBe(1);
        await late.close();
      }
      await issue(issuer, run);
      expect(await state()).not.toEqual(before);
    }));

  it("are left alone while another session changes the same role", () =>
    inWorld(dual, async (_world, issuer, run) => {
      const other = await stayConnected(server(), superuserFields);
      await other.query(
        `BEGIN; SELECT pg_advisory_xact_lock(hashtext('keyturn:${run.proposed?.ref.principal ?? ""}'))`,
      );

      await expect(issue(issuer, run)).rejects.toBeInstanceOf(TryLater);
      await other.query("ROLLBACK");

      expect((await issuer.test(await issue(issuer, run))).verdict).toBe("accepted");
      await other.close();
    }));

  it("name an unknown password when somebody has let a revoked role log in again by hand", () =>
    inWorld(dual, async (world, issuer, run) => {
      await issue(issuer, run);
      await issuer.revoke(run.current.ref);
      await expect(issuer.enable?.(run.current)).rejects.toMatchObject({ code: "not_there_any_more" });
      await server().query(`ALTER ROLE ${run.current.ref.principal} LOGIN PASSWORD 'set by hand'`);

      expect((await issuer.identify(world.current)).ref.generation).toBe("unmarked");
      expect((await issuer.list()).map(({ enabled }) => enabled)).toEqual([true, true]);
    }));
});
