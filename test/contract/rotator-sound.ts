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

  it("finds no error in a sound target, and gives its credentials the declared fields; what else they keep is secret", () =>
    inWorld(makeWorld, async (world, issuer, run) => {
      const findings = await issuer.preflight(run.current);
      const { fields } = world.bound.shape;
      const declared = (kind: "public" | "secret") => Object.keys(fields).filter((name) => fields[name] === kind);

      expect(findings.filter((finding) => finding.severity === "error")).toEqual([]);
      if (run.proposed !== undefined) {
        expect(Object.keys(run.proposed.public).toSorted()).toEqual(declared("public").toSorted());
        expect(Object.keys(run.proposed.secret)).toEqual(expect.arrayContaining(declared("secret")));
      }
    }));

  it("gives up on fields that belong to no principal of the target", () =>
    inWorld(makeWorld, async (world, issuer) => {
      const refused = await issuer.identify(world.foreign).catch((error: unknown) => error);

      expect(refused).toBeInstanceOf(GiveUp);
      expect(refused).toMatchObject({ code: "unknown_principal" });
    }));
}
