import { expect, it } from "vitest";
import { inWorld, issue, type RotatorWorld, verdictWithin } from "./rotator-world.ts";

/** Laws 2 and 7 where the old credential dies as the new one is born. */
export function cutLaws(makeWorld: () => Promise<RotatorWorld>, lists: boolean): void {
  it("is one cut: after issue, twice, the new credential is accepted and the old one refused", () =>
    inWorld(makeWorld, async (world, issuer, run) => {
      const pending = await issue(issuer, run);
      const again = await issue(issuer, run);

      expect(again.ref).toEqual(pending.ref);
      expect(await verdictWithin(issuer, pending, "accepted", world.bound.shape.issueWithinMs)).toBe("accepted");
      expect(await verdictWithin(issuer, run.current, "refused", world.bound.shape.deadWithinMs)).toBe("refused");
      expect((await issuer.list()).map(({ ref }) => ref)).toEqual(lists ? [pending.ref] : []);
    }));

  it("goes back by issuing the old value again", () =>
    inWorld(makeWorld, async (world, issuer, run) => {
      const pending = await issue(issuer, run);
      const back = { rotationId: run.rotationId, proposed: run.current, current: pending };

      const restored = await issuer.issue(back);
      await issuer.issue(back);

      expect(restored.ref).toEqual(run.current.ref);
      expect(await verdictWithin(issuer, run.current, "accepted", world.bound.shape.issueWithinMs)).toBe("accepted");
      expect(await verdictWithin(issuer, pending, "refused", world.bound.shape.deadWithinMs)).toBe("refused");
      expect((await issuer.identify(world.current)).ref).toEqual(run.current.ref);
    }));

  it("has nothing left to disable or revoke of the old one, and says so by succeeding", () =>
    inWorld(makeWorld, async (_world, issuer, run) => {
      const pending = await issue(issuer, run);

      await issuer.disable?.(run.current.ref);
      await issuer.revoke(run.current.ref);
      await issuer.revoke(run.current.ref);

      expect((await issuer.test(pending)).verdict).toBe("accepted");
    }));
}
