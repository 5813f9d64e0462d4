import { expect, it } from "vitest";
import { GiveUp, LeaseLost } from "../../src/core/errors.ts";
import { guardThatStopsAfter, inWorld, issue, newRotationId, openIssuer, type RotatorWorld } from "./rotator-world.ts";

/** Law 4, the fence and the guard: who may touch what, and until when. */
export function ownWorkLaws(makeWorld: () => Promise<RotatorWorld>, overlap: "dual" | "single"): void {
  it("touches nothing that is none of the target's business", () =>
    inWorld(makeWorld, async (world, issuer, run) => {
      const before = await world.strangers();

      const pending = await issue(issuer, run);
      await issuer.disable?.(run.current.ref);
      await issuer.revoke(run.current.ref);
      await issuer.revoke(pending.ref);

      expect(await world.strangers()).toBe(before);
    }));

  it("never disables, enables or revokes a newer generation of a principal in the name of an older one", () =>
    inWorld(makeWorld, async (_world, issuer, run) => {
      const pending = await issue(issuer, run);
      const stale = { principal: pending.ref.principal, generation: `${run.rotationId}0` };

      await issuer.disable?.(stale).catch(ignoreGiveUp);
      await issuer.revoke(stale).catch(ignoreGiveUp);
      expect((await issuer.test(pending)).verdict).toBe("accepted");

      await issuer.disable?.(pending.ref);
      await issuer.enable?.({ ...pending, ref: stale }).catch(ignoreGiveUp);
      if (issuer.disable !== undefined) expect((await issuer.test(pending)).verdict).toBe("refused");
    }));

  if (overlap === "dual") {
    it("does not issue over a credential that is in use by somebody it does not know", () =>
      inWorld(makeWorld, async (world, issuer, run) => {
        const other = await issue(issuer, run);
        if (other.ref.principal === run.current.ref.principal) return;
        const session = await world.login(other);
        try {
          const rotationId = newRotationId();
          const proposed = await issuer.propose?.({ rotationId, current: run.current, alphabet: world.alphabet });

          const refused = await issuer
            .issue({ rotationId, proposed, current: run.current })
            .catch((error: unknown) => error);

          expect(refused).toBeInstanceOf(Error);
          expect((await issuer.test(other)).verdict).toBe("accepted");
        } finally {
          await session.close();
        }
      }));
  }

  it("sends nothing that changes anything once the lease is lost", () =>
    inWorld(makeWorld, async (world, issuer, run) => {
      const late = await openIssuer(world, run.rotationId, { guard: guardThatStopsAfter(0) });
      try {
        const before = JSON.stringify(await issuer.list());

        await expect(issue(late, run)).rejects.toBeInstanceOf(LeaseLost);
        if (late.disable !== undefined) await expect(late.disable(run.current.ref)).rejects.toBeInstanceOf(LeaseLost);
        await expect(late.revoke(run.current.ref)).rejects.toBeInstanceOf(LeaseLost);

        expect(JSON.stringify(await issuer.list())).toBe(before);
        expect((await issuer.test(run.current)).verdict).toBe("accepted");
      } finally {
        await late.close();
      }
    }));

  it("fences: after a new holder's fence no command of an older epoch is accepted", () =>
    inWorld(makeWorld, async (world, issuer, run) => {
      const next = await openIssuer(world, run.rotationId, { epoch: 2 });
      const neighbour = await openIssuer(world, newRotationId(), { epoch: 1 });
      try {
        const before = JSON.stringify(await next.list());

        if ((await next.fence()) === "unfenced") return;

        await expect(issue(issuer, run)).rejects.toThrow();
        expect(JSON.stringify(await next.list())).toBe(before);
        expect(JSON.stringify(await neighbour.list())).toBe(before);
        const pending = await issue(next, run);
        expect((await next.test(pending)).verdict).toBe("accepted");
      } finally {
        await next.close();
        await neighbour.close();
      }
    }));
}

function ignoreGiveUp(error: unknown): void {
  if (!(error instanceof GiveUp)) throw error;
}
