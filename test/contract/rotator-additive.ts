import { expect, it } from "vitest";
import { sameRef } from "../../src/core/credential.ts";
import { inWorld, issue, type RotatorWorld, verdictWithin } from "./rotator-world.ts";

/** Laws 1, 2 and 7 where both credentials live for a while. */
export function additiveLaws(makeWorld: () => Promise<RotatorWorld>): void {
  it("identifies what applications use as one of the listed credentials, and it is accepted", () =>
    inWorld(makeWorld, async (_world, issuer, run) => {
      const listed = await issuer.list();

      expect(listed.filter((entry) => sameRef(entry.ref, run.current.ref))).toMatchObject([{ enabled: true }]);
      expect((await issuer.test(run.current)).verdict).toBe("accepted");
    }));

  it("changes nothing when it proposes", () =>
    inWorld(makeWorld, async (world, issuer, run) => {
      const before = JSON.stringify(await issuer.list());

      await issuer.propose?.({ rotationId: run.rotationId, current: run.current, alphabet: world.alphabet });

      expect(JSON.stringify(await issuer.list())).toBe(before);
      if (run.proposed !== undefined) expect((await issuer.test(run.proposed)).verdict).not.toBe("accepted");
    }));

  it("is additive: after issue the new credential is accepted, and the old one still is", () =>
    inWorld(makeWorld, async (world, issuer, run) => {
      const pending = await issue(issuer, run);

      expect(sameRef(pending.ref, run.current.ref)).toBe(false);
      expect(await verdictWithin(issuer, pending, "accepted", world.bound.shape.issueWithinMs)).toBe("accepted");
      expect((await issuer.test(run.current)).verdict).toBe("accepted");
    }));

  it("is repeatable: issue twice leaves one new ref that works", () =>
    inWorld(makeWorld, async (world, issuer, run) => {
      const before = await issuer.list();
      const first = await issue(issuer, run);
      const second = await issue(issuer, run);
      const fresh = (await issuer.list()).filter(({ ref }) => !before.some((entry) => sameRef(entry.ref, ref)));

      expect(second.ref).toEqual(first.ref);
      expect(fresh.map(({ ref }) => ref)).toEqual([first.ref]);
      expect(await verdictWithin(issuer, second, "accepted", world.bound.shape.issueWithinMs)).toBe("accepted");
      expect((await issuer.test(run.current)).verdict).toBe("accepted");
    }));

  it("disables and enables again, each twice, without touching the new one", () =>
    inWorld(makeWorld, async (_world, issuer, run) => {
      const { disable, enable } = issuer;
      if (disable === undefined || enable === undefined) return;
      const pending = await issue(issuer, run);

      await disable(run.current.ref);
      await disable(run.current.ref);
      expect((await issuer.test(run.current)).verdict).toBe("refused");
      expect((await issuer.test(pending)).verdict).toBe("accepted");

      await enable(run.current);
      await enable(run.current);
      expect((await issuer.test(run.current)).verdict).toBe("accepted");
      expect((await issuer.test(pending)).verdict).toBe("accepted");
    }));

  it("is honest about death: revoked twice, the old one is refused and listed no more, the new one is accepted", () =>
    inWorld(makeWorld, async (world, issuer, run) => {
      const pending = await issue(issuer, run);
      await issuer.disable?.(run.current.ref);

      await issuer.revoke(run.current.ref);
      await issuer.revoke(run.current.ref);

      expect(await verdictWithin(issuer, run.current, "refused", world.bound.shape.deadWithinMs)).toBe("refused");
      expect((await issuer.test(pending)).verdict).toBe("accepted");
      const alive = (await issuer.list()).filter((entry) => entry.enabled).map(({ ref }) => ref);
      expect(alive).toEqual([pending.ref]);
    }));

  it("goes back: revoking the pending one leaves the old one as it was", () =>
    inWorld(makeWorld, async (world, issuer, run) => {
      const pending = await issue(issuer, run);
      await issuer.disable?.(run.current.ref);
      await issuer.enable?.(run.current);
      await issuer.disable?.(pending.ref);
      await issuer.revoke(pending.ref);

      expect(await verdictWithin(issuer, pending, "refused", world.bound.shape.deadWithinMs)).toBe("refused");
      expect((await issuer.test(run.current)).verdict).toBe("accepted");
    }));

  it("rotates again after a finished rotation, with what it issued as current", () =>
    inWorld(makeWorld, async (world, issuer, run) => {
      const first = await issue(issuer, run);
      await issuer.revoke(run.current.ref);
      const again = { public: first.public, secret: first.secret };
      const identified = await issuer.identify(again);
      expect(identified.ref).toEqual(first.ref);

      const rotationId = `${run.rotationId}b`;
      const proposed = await issuer.propose?.({ rotationId, current: identified, alphabet: world.alphabet });
      const second = await issuer.issue({ rotationId, proposed, current: identified });
      await issuer.revoke(first.ref);

      expect(await verdictWithin(issuer, first, "refused", world.bound.shape.deadWithinMs)).toBe("refused");
      expect((await issuer.test(second)).verdict).toBe("accepted");
    }));
}
