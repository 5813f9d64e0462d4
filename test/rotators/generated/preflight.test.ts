import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import type { Credential } from "../../../src/core/credential.ts";
import type { Issuer } from "../../../src/core/ports.ts";
import { Secret } from "../../../src/core/secret.ts";
import { baseAlphabet } from "../../../src/core/templates/alphabet.ts";
import { makeWorld } from "./world.ts";

const letters = baseAlphabet.replaceAll(/[^a-z]/g, "");
const always = "deployment_layer_only";

describe("preflight of a generated target", () => {
  it("finds nothing wrong in a sound one, and says that the user interface is not the place", () =>
    within({}, async (_world, issuer, current) => {
      const findings = await issuer.preflight(current, baseAlphabet);
      expect(findings).toMatchObject([{ severity: "warning", code: always }]);
      expect(findings[0]?.sentence).toContain("a password that is set in the user interface ends with the next start");
    }));

  it("refuses a policy that no password of what every place carries can keep", () =>
    within({ policy: { needs: ["lower", "symbol"] } }, async (_world, issuer, current) => {
      expect(await codes(issuer, current, letters)).toEqual([`error policy_unmet`, `warning ${always}`]);
      expect(await codes(issuer, current, baseAlphabet)).toEqual([`warning ${always}`]);
      await expect(issuer.propose?.({ rotationId: "r1", current, alphabet: letters })).rejects.toMatchObject({
        code: "policy_unmet",
      });
      const [unmet] = await issuer.preflight(current, letters);
      expect(unmet?.sentence).toBe("the policy needs a symbol, and templates and stores can carry none");
    }));

  it("refuses a password that could be guessed, where places carry little", () =>
    within({ policy: { needs: ["lower"], minLength: 12, maxLength: 14 } }, async (_world, issuer, current) => {
      expect(await codes(issuer, current, "abcdefgh-_.~0123")).toContain("error policy_unmet");
      expect(await codes(issuer, current, baseAlphabet)).not.toContain("error policy_unmet");
    }));

  it("a password without an email, and the reverse, is refused: the application would not start", () =>
    within({ email: undefined }, async (_world, issuer) => {
      const password = new Secret("Chosen4ByHand-long");
      const email = "ops@the0.example";
      await expect(issuer.identify({ public: {}, secret: { password } })).rejects.toMatchObject({
        code: "email_missing",
      });
      await expect(issuer.identify({ public: { email: "" }, secret: { password } })).rejects.toMatchObject({
        code: "email_missing",
      });
      await expect(issuer.identify({ public: { email }, secret: {} })).rejects.toMatchObject({
        code: "password_missing",
      });
      expect(await codes(issuer, undefined)).toEqual(["error email_missing", `warning ${always}`]);
    }));

  it("warns of a password in use that breaks the policy, without telling more of it", () =>
    within({ policy: { minLength: 20, deny: ["hand"] } }, async (_world, issuer, current) => {
      const findings = await issuer.preflight(current);
      expect(findings[0]).toMatchObject({ severity: "warning", code: "weak_password" });
      expect(findings[0]?.sentence).toBe(
        "the password in use breaks the policy: it is shorter than 20 characters, holds a denied word",
      );
      expect(inspect(findings)).not.toContain("Chosen4");
    }));

  it("warns of another email: the old account may stay", () =>
    within({ email: "new@the0.example" }, async (_world, issuer, current) => {
      expect(await codes(issuer, current)).toEqual(["warning email_changes", `warning ${always}`]);
      const proposed = await issuer.propose?.({ rotationId: "r1", current, alphabet: baseAlphabet });
      expect(proposed?.public).toEqual({ email: "new@the0.example" });
    }));

  it.each([
    ["everybody is let in", { letsEverybodyIn: true }, "accepts_anything"],
    ["any session is let in", { sessions: "everybody" }, "accepts_anything"],
    ["no session is let in", { sessions: "nobody" }, "session_refused"],
    ["a login gives no token", { sessions: "none given" }, "no_session"],
  ] as const)("is red when %s", (_what, how, code) =>
    within({}, async (world, issuer, current) => {
      world.misbehave(how);
      const errors = (await issuer.preflight(current)).filter(({ severity }) => severity === "error");
      expect([...new Set(errors.map((error) => error.code))]).toEqual([code]);
    }),
  );

  it("says when sessions cannot be asked, and then nothing of them is proved", () =>
    within({ session: undefined }, async (_world, issuer, current) => {
      expect(await codes(issuer, current)).toEqual(["warning no_session_probe", `warning ${always}`]);
      const proposed = await issuer.propose?.({ rotationId: "r1", current, alphabet: baseAlphabet });
      expect(Object.keys(proposed?.secret ?? {})).toEqual(["password"]);
    }));

  it("one failed login at each instance is all that it costs", () =>
    within({ session: undefined }, async (world, issuer, current) => {
      const before = world.instances.map((instance) => instance.logins());
      await issuer.preflight(current);
      expect(world.instances.map((instance) => instance.logins())).toEqual(before.map((count) => count + 1));
    }));
});

describe("a session of the old password", () => {
  it("that outlives it keeps the new one from being taken for applied", () =>
    within({}, async (world, issuer, current) => {
      const pending = await issuer.propose?.({ rotationId: "r1", current, alphabet: baseAlphabet });
      if (pending === undefined) throw new Error("it proposes nothing");
      for (const instance of world.instances) instance.restart({ account: pending, sessions: "for ever" });
      expect(await issuer.test(pending)).toEqual({
        verdict: "unknown",
        code: "session_alive",
        sentence: "a session that was opened with the old password is still let in",
      });
      expect(await issuer.test(current)).toMatchObject({ verdict: "refused" });
      await world.arrange(pending, undefined);
      expect(await issuer.test(pending)).toMatchObject({ verdict: "accepted" });
    }));

  it("is not opened where the old password is refused already", () =>
    within({}, async (world, issuer, current) => {
      await world.arrange({ public: {}, secret: { password: new Secret("Somebody-else's-1") } }, undefined);
      const pending = await issuer.propose?.({ rotationId: "r1", current, alphabet: baseAlphabet });
      expect(Object.keys(pending?.secret ?? {})).toEqual(["password"]);
    }));
});

async function codes(issuer: Issuer, current: Credential | undefined, alphabet?: string): Promise<readonly string[]> {
  return (await issuer.preflight(current, alphabet)).map(({ severity, code }) => `${severity} ${code}`);
}

/** `entry` beside that of a sound world; `current` is what applications use. */
async function within(
  entry: Readonly<Record<string, unknown>>,
  act: (world: Awaited<ReturnType<typeof makeWorld>>, issuer: Issuer, current: Credential) => Promise<void>,
): Promise<void> {
  const world = await makeWorld(entry);
  try {
    const session = { rotationId: "r1", epoch: 1, name: "keyturn:r1:1", guard: () => undefined };
    const issuer = await world.bound.open({ session, signal: new AbortController().signal, resolve: world.resolve });
    await act(world, issuer, await issuer.identify(world.current));
  } finally {
    await world.close();
  }
}
