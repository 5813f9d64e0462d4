import { afterAll, beforeAll, expect, it } from "vitest";
import { rotatorContract } from "../../contract/rotator.ts";
import { inWorld, issue } from "../../contract/rotator-world.ts";
import { needs } from "../../servers/need.ts";
import { firstPassword, type Superset, startSuperset } from "../../servers/superset.ts";
import { makeWorld } from "./world.ts";

needs("superset")("http-api on a real Superset", { timeout: 120_000 }, () => {
  let superset: Superset;
  const adminPassword = firstPassword();
  beforeAll(async () => {
    superset = await startSuperset();
    await superset.addUser("keyturn", adminPassword, "Admin");
  }, 120_000);
  afterAll(async () => {
    await superset?.[Symbol.asyncDispose]();
  });
  const world = () => makeWorld(superset, adminPassword);

  // The way back is the same call with the other value, so the line is cut once.
  rotatorContract({
    name: "http-api, a user of Superset",
    overlap: "single",
    lists: false,
    cut: ["issue"],
    makeWorld: world,
  });

  it("sets the password once, although its own reply was lost", () =>
    inWorld(world, async (made, issuer, run) => {
      made.wire.reset();
      await issue(issuer, run);
      const whole = made.wire.commands();
      await issue(issuer, run);
      expect(made.wire.commands() - whole).toBe(1);
    }));
});
