import { expect, it } from "vitest";
import { TryLater } from "../../../src/core/errors.ts";
import { inWorld, issue, openIssuer, wrong } from "../../contract/rotator-world.ts";
import { onEachPostgres } from "./servers.ts";
import { makeWorld } from "./world.ts";

onEachPostgres("a login that is tried", {}, (server) => {
  const dual = () => makeWorld({ mode: "dual", servers: [server()] });

  it("is refused with 28P01 for a wrong password, and is not taken for disabled", () =>
    inWorld(dual, async (_world, issuer, run) => {
      expect(await issuer.test(wrong(run.current))).toEqual({ verdict: "refused", code: "28P01" });
    }));

  it("is refused as disabled only for the right password of a role that may not log in", () =>
    inWorld(dual, async (_world, issuer, run) => {
      await issue(issuer, run);
      await issuer.disable?.(run.current.ref);

      expect(await issuer.test(run.current)).toEqual({ verdict: "refused", code: "28000", disabled: true });
      expect(await issuer.test(wrong(run.current))).toEqual({ verdict: "refused", code: "28P01" });
      await issuer.revoke(run.current.ref);
      expect(await issuer.test(run.current)).toEqual({ verdict: "refused", code: "28P01" });
    }));

  it("uses the same application name as the administrative session, so that it never counts as a use", () =>
    inWorld(dual, async (world, issuer, run) => {
      await issuer.test(run.current);

      expect(await issuer.usage?.(run.current.ref, undefined)).toEqual([]);
      const application = await world.login(world.current);
      expect(await issuer.usage?.(run.current.ref, undefined)).toMatchObject([
        { client: "shop", address: "127.0.0.1", certainty: "certain" },
      ]);
      await application.close();
    }));
});

const hba = ["host postgres all 127.0.0.1/32 scram-sha-256"];

onEachPostgres("a login that pg_hba.conf does not admit", { hba, createDatabases: ["shop"] }, (server) => {
  it("is unknown, never refused: 28000 alone proves nothing", () =>
    inWorld(
      () => makeWorld({ mode: "dual", servers: [server()], database: "shop" }),
      async (_world, issuer, run) => {
        expect(await issuer.test(run.current)).toMatchObject({ verdict: "unknown", code: "28000" });
        await issuer.disable?.(run.current.ref);
        expect(await issuer.test(run.current)).toMatchObject({ verdict: "unknown", code: "28000" });
      },
    ));
});

onEachPostgres("a login that cannot be decided", {}, (server) => {
  it("throws TryLater while the server is down, and goes on with a new session afterwards", () =>
    inWorld(
      () => makeWorld({ mode: "dual", servers: [server()] }),
      async (world, issuer, run) => {
        await server().stop();
        await expect(issuer.test(run.current)).rejects.toBeInstanceOf(TryLater);
        await expect(issuer.list()).rejects.toBeInstanceOf(TryLater);
        await expect(openIssuer(world, run.rotationId)).rejects.toBeInstanceOf(TryLater);
        await server().restart();
        await expect(issuer.list()).rejects.toBeInstanceOf(TryLater);

        const next = await openIssuer(world, run.rotationId, { epoch: 2 });
        expect((await next.test(run.current)).verdict).toBe("accepted");
        await next.close();
      },
    ));
});
