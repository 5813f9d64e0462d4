import { expect, it } from "vitest";
import { inWorld, issue, type RotatorWorld } from "./rotator-world.ts";

/** Sessions that can be seen and closed. Skipped where the issuer has none. */
export function usageLaws(makeWorld: () => Promise<RotatorWorld>, overlap: "dual" | "single"): void {
  it("sees an application's session, ends it by its id, and does not count its own", () =>
    inWorld(makeWorld, async (world, issuer, run) => {
      const { usage, closeSession } = issuer;
      if (usage === undefined || closeSession === undefined) return;
      expect(await usage(run.current.ref, undefined)).toEqual([]);
      const application = await world.login(world.current);
      const own = await world.loginAs?.(world.current, `keyturn:${run.rotationId}:1`);
      try {
        await issuer.test(run.current);

        const [use, ...others] = await usage(run.current.ref, undefined);
        expect(others).toEqual([]);
        expect(use?.since).toBe(new Date(use?.since ?? "").toISOString());
        expect(use?.address).not.toBe("");
        if (use === undefined) return;
        await closeSession(use.id);
        await closeSession(use.id);
        expect(await usage(run.current.ref, undefined)).toEqual([]);
      } finally {
        await application.close();
        await own?.close();
      }
    }));

  it("takes a session that is older than the new credential for a use of the old one, and a later one of the new for none", () =>
    inWorld(makeWorld, async (world, issuer, run) => {
      const { usage } = issuer;
      if (usage === undefined) return;
      const early = await world.login(world.current);
      // The clock of the issuer may have whole seconds only.
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      const since = new Date().toISOString();
      const pending = await issue(issuer, run);
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      const late = await world.login(pending);
      try {
        const other = { ref: pending.ref, since };
        const uses = await usage(run.current.ref, other);

        expect(uses.length).toBe(1);
        if (overlap === "single") expect(uses[0]?.certainty).toBe("possible");
        expect(Date.parse(uses[0]?.since ?? "")).toBeLessThan(Date.parse(since));
      } finally {
        await early.close();
        await late.close();
      }
    }));
}
