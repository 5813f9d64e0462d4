import { createSecretKey } from "node:crypto";
import { describe, expect, it } from "vitest";
import { decodeToken } from "../../../sandbox/world/token-jwt.ts";
import { Secret } from "../../../src/core/secret.ts";
import { alphabetFor } from "../../../src/core/templates/alphabet.ts";
import { signingKey } from "../../../src/rotators/signing-key/rotator.ts";
import { clock } from "./world.ts";

const entry = {
  kind: "signing-key",
  maxTokenLife: "24h",
  accept: [{ url: "http://127.0.0.1:9/me" }],
  tokens: { devToken: { claims: { sub: "dev", role: "viewer" }, life: "12h" } },
};
const session = { rotationId: "r1", epoch: 1, name: "keyturn:r1:1", guard: () => undefined };
const open = () =>
  signingKey(clock)
    .bind(entry)
    .open({ session, resolve: () => Promise.reject(new Error("none")), signal: new AbortController().signal });

describe("tokens that are published beside the key", () => {
  it("are signed with each new key, live as long as they may, and are secret", async () => {
    const issuer = await open();
    const before = Math.floor(clock.now().getTime() / 1_000);
    const made = await issuer.propose?.({ rotationId: "r1", current: undefined, alphabet: alphabetFor([], [], "+/=") });
    const key = createSecretKey(Buffer.from(made?.secret["key"]?.reveal() ?? ""));
    const token = decodeToken("HS256", made?.secret["devToken"]?.reveal() ?? "");
    expect(token?.isSignedBy(key)).toBe(true);
    expect(token?.claims.sub).toBe("dev");
    const after = Math.floor(clock.now().getTime() / 1_000);
    const issuedAt = (token?.claims.exp ?? 0) - 12 * 3_600;
    expect([issuedAt >= before, issuedAt <= after]).toEqual([true, true]);
    expect(signingKey(clock).bind(entry).shape.fields["devToken"]).toBe("secret");
  });

  it("stay with the key that they stood beside", async () => {
    const key = new Secret("an-old-key-that-is-long-enough-0123456789");
    const secret = { key, devToken: new Secret("its.own.token"), other: new Secret("x") };
    const known = await (await open()).identify({ public: {}, secret });
    expect(Object.keys(known.secret)).toEqual(["key", "devToken"]);
    expect(known.secret["devToken"]?.reveal()).toBe("its.own.token");
  });

  it.each([
    [{ devToken: { claims: { sub: "dev" }, life: "25h" } }, /outlive maxTokenLife/],
    [{ key: { claims: { sub: "dev" }, life: "1h" } }, /a field of the key itself/],
    [{ devToken: { claims: { exp: 1 }, life: "1h" } }, /are set afresh/],
  ])("%j is refused", (tokens, why) => {
    expect(() => signingKey(clock).bind({ ...entry, tokens })).toThrow(why);
  });
});
