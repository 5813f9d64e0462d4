import { describe, expect, it } from "vitest";
import { z } from "zod";
import { signingKey } from "../../../src/rotators/signing-key/rotator.ts";
import { clock } from "./world.ts";

const { bind, config } = signingKey(clock);
const accept = [{ urls: ["http://shop-1:3000/me", "http://shop-2:3000/me"] }];
const good = { kind: "signing-key", maxTokenLife: "7d", accept };
const hourMs = 3_600_000;

describe("the entry of a signing-key target", () => {
  it("keeps both accepted for the longest token life and twice the clock skew", () => {
    expect(bind(good).shape).toMatchObject({
      origin: "proposed",
      overlap: "accept-first",
      triedAt: "consumer",
      overlapMs: 7 * 24 * hourMs + 120_000,
      soakMs: 0,
      principals: ["signing-key shop-1:3000, shop-2:3000"],
      fields: { key: "secret", kid: "public" },
    });
    expect(bind({ ...good, clockSkew: "5m", maxTokenLife: "1h" }).shape.overlapMs).toBe(hourMs + 600_000);
  });

  it("waits for the caches of a key set, and allows death that long", () => {
    const jwks = ["https://shop.example/.well-known/jwks.json"];
    const { shape } = bind({ ...good, algorithm: "ES256", jwks, cacheFor: "15m" });
    expect(shape).toMatchObject({ soakMs: 900_000, deadWithinMs: 910_000 });
    expect(shape.fields).toEqual({ key: "secret", public: "public", jwk: "public", kid: "public" });
    expect(shape.words.proof).toContain("https://shop.example/.well-known/jwks.json");
  });

  it("says what all-out costs before anybody approves", () => {
    const { shape } = bind({ kind: "signing-key", accept, mode: "all-out", name: "JWT" });
    expect(shape).toMatchObject({ overlap: "single", triedAt: "consumer", principals: ["signing-key JWT"] });
    expect(shape.words.cut).toContain("everybody logs in again");
    expect(shape.words.cut).toContain("API tokens that were signed with it die too");
    expect(shape.words.cut).toMatch(/at most 180 s$/);
    expect(shape.cutMs).toBe(180_000);
    const pair = { accept, mode: "all-out", algorithm: "ES256", jwks: ["https://a/jwks"], restart: "1m" };
    expect(bind({ kind: "signing-key", ...pair }).shape.words.cut).toMatch(
      /at most 60 s; who keeps .* at most 600 s longer$/,
    );
    expect(shape.overlapMs).toBeUndefined();
  });

  it("says in the plan that the users of the new key cannot be seen, where no login is configured", () => {
    expect(bind(good).shape.words.proof).toContain("cannot be asked here");
    const sign = [{ url: "http://shop-1:3000/login", token: "$.token" }];
    expect(bind({ ...good, sign }).shape.words.proof).not.toContain("cannot be asked here");
  });

  it.each([
    ["no longest token life", { maxTokenLife: undefined }, [["maxTokenLife"]]],
    ["a key shorter than the hash", { bytes: 31 }, [["bytes"]]],
    ["a short RSA key", { algorithm: "RS256", bits: 1024 }, [["bits"]]],
    ["the length of an RSA key for another", { algorithm: "ES256", bits: 2048 }, [["bits"]]],
    ["an encoding for a key pair", { algorithm: "EdDSA", encoding: "hex" }, [["encoding"]]],
    ["a key set with a symmetric key", { jwks: ["https://a/jwks"] }, [["jwks"]]],
    ["a time of refusals where nobody is refused", { restart: "1m" }, [["restart"]]],
    ["nobody to ask", { accept: [] }, [["accept"]]],
    [
      "a request without the token",
      { accept: [{ url: "http://a/me", headers: { cookie: "x" } }] },
      [["accept", 0, "headers"]],
    ],
    ["a claim that is ours", { claims: { sub: "c", exp: 1 } }, [["claims"]]],
    ["a password in the URL", { accept: [{ url: "http://u:hunter2@a/me" }] }, [["accept", 0, "url"]]],
    ["no path to the token", { sign: [{ url: "http://a/login" }] }, [["sign", 0, "token"]]],
    ["an unknown algorithm", { algorithm: "HS512" }, [["algorithm"]]],
    ["a misspelt option", { maxTokenlife: "1h" }, [[]]],
  ])("is refused with %s, and the error names the place", (_what, change, paths) => {
    const entry = Object.fromEntries(Object.entries({ ...good, ...change }).filter(([, value]) => value !== undefined));
    const { error } = z.safeParse(config, entry);
    expect(error?.issues.map(({ path }) => path)).toEqual(paths);
    expect(error?.message).not.toContain("hunter2");
  });

  it("has a JSON Schema for editors", () => {
    expect(z.toJSONSchema(config, { io: "input" })).toMatchObject({ type: "object" });
  });
});
