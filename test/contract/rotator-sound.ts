import { expect, it } from "vitest";
import { GiveUp } from "../../src/core/errors.ts";
import { type BareWorld, inWorld, type RotatorWorld } from "./rotator-world.ts";

/** What every issuer keeps, whoever it is: its shape, a quiet preflight, and nobody else's credentials. */
export function soundLaws(makeWorld: () => Promise<BareWorld & Pick<RotatorWorld, "foreign">>): void {
  it("offers exactly the abilities that its shape declares", () =>
    inWorld(makeWorld, async (world, issuer) => {
      const { abilities, origin } = world.bound.shape;

      expect(issuer.propose !== undefined).toBe(origin === "proposed");
      expect(issuer.usage !== undefined).toBe(abilities.usage !== "none");
      expect([issuer.disable !== undefined, issuer.enable !== undefined]).toEqual([
        abilities.disable,
        abilities.disable,
      ]);
      expect(issuer.refusals !== undefined).toBe(abilities.refusals);
      expect(issuer.closeSession !== undefined).toBe(abilities.closeSession);
    }));

  it("finds no error in a sound target, and gives its credentials exactly the declared fields", () =>
    inWorld(makeWorld, async (world, issuer, run) => {
      const findings = await issuer.preflight(run.current);
      const fields = { ...run.proposed?.public, ...run.proposed?.secret };

      expect(findings.filter((finding) => finding.severity === "error")).toEqual([]);
      if (run.proposed !== undefined)
        expect(Object.keys(fields).sort()).toEqual(Object.keys(world.bound.shape.fields).sort());
    }));

  it("gives up on fields that belong to no principal of the target", () =>
    inWorld(makeWorld, async (world, issuer) => {
      const refused = await issuer.identify(world.foreign).catch((error: unknown) => error);

      expect(refused).toBeInstanceOf(GiveUp);
      expect(refused).toMatchObject({ code: "unknown_principal" });
    }));
}
