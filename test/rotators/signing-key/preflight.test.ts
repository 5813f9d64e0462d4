import { describe, expect, it } from "vitest";
import { Secret } from "../../../src/core/secret.ts";
import { inWorld } from "../../contract/rotator-world.ts";
import type { State } from "../token-instances.ts";
import { startInstance } from "../token-instances.ts";
import { makeWorld } from "./world.ts";

/** The findings after the second instance was started with something else about it. */
async function findings(entry: Readonly<Record<string, unknown>>, change: Partial<State>): Promise<readonly string[]> {
  const found: string[] = [];
  await inWorld(
    () => makeWorld(entry),
    async (world, issuer, run) => {
      world.instances[1]?.restart({ uses: run.current, accepts: undefined, ...change });
      for (const { severity, code } of await issuer.preflight(run.current)) found.push(`${severity} ${code}`);
    },
  );
  return found;
}

describe("the preflight of a signing key", () => {
  it("says nothing of a sound target", async () => {
    expect(await findings({}, {})).toEqual([]);
    expect(await findings({ algorithm: "EdDSA" }, { cache: { "cache-control": "public, max-age=600" } })).toEqual([]);
  });

  it.each([
    ["lets everybody in", {}, { letsEverybodyIn: true }, ["error accepts_anything"]],
    ["has a clock that is 3 minutes ahead", {}, { dateOffsetMs: 180_000 }, ["error clock_skew", "error clock_skew"]],
    ["has a clock that is 3 minutes behind", {}, { dateOffsetMs: -180_000 }, ["error clock_skew", "error clock_skew"]],
    ["is overloaded", {}, { answers: { status: 503 } }, ["error unclear_answer", "error no_token"]],
    [
      "keeps its key set in caches for longer",
      { algorithm: "EdDSA" },
      { cache: { "cache-control": "max-age=3600" } },
      ["error cached_longer"],
    ],
    [
      "keeps its key set in caches for longer, and says so in the old way",
      { algorithm: "EdDSA" },
      { cache: { expires: new Date(Date.now() + 3_600_000).toUTCString() } },
      ["error cached_longer"],
    ],
    [
      "is behind a cache that keeps the key set longer than it may",
      { algorithm: "EdDSA" },
      { cache: { "cache-control": "max-age=60", age: "3000" } },
      ["error cached_longer"],
    ],
    [
      "publishes another key set",
      { algorithm: "EdDSA" },
      { keySet: { keys: [{ kty: "OKP", kid: "other" }] } },
      ["error key_sets_differ"],
    ],
    [
      "publishes a private key",
      { algorithm: "EdDSA" },
      { keySet: { keys: [{ kty: "OKP", kid: "other", d: "x" }] } },
      ["error private_key_published", "error key_sets_differ"],
    ],
    ["publishes no key set", { algorithm: "EdDSA" }, { keySet: "soon" }, ["error no_key_set"]],
  ])("finds an instance that %s", async (_what, entry, change, expected) => {
    expect(await findings(entry, change)).toEqual(expected);
  });

  it("finds an instance that signs with another key than the stores hold", async () => {
    const other = { public: {}, secret: { key: new Secret("another-key-that-somebody-set-by-hand") } };
    expect(await findings({}, { uses: other })).toEqual(["error signs_with_another"]);
  });

  it("warns of a weak key in use, and where a login is missing", () =>
    inWorld(
      () => makeWorld({ sign: [] }),
      async (_world, issuer) => {
        const weak = await issuer.identify({ public: {}, secret: { key: new Secret("changeme") } });
        const found = await issuer.preflight(weak);
        expect(found.map(({ severity, code }) => `${severity} ${code}`)).toEqual([
          "warning weak_key",
          "warning no_sign_probe",
        ]);
        expect(JSON.stringify(found)).not.toContain("changeme");
      },
    ));
});

describe("an instance that is asked", () => {
  it("is told to nobody else: a redirect is an answer, and the token stays with its host", () =>
    inWorld(
      () => makeWorld(),
      async (world, issuer, run) => {
        const elsewhere = await startInstance("HS256", () => 0);
        const location = `http://127.0.0.1:${elsewhere.port}/me`;
        world.instances[1]?.restart({
          uses: run.current,
          accepts: undefined,
          answers: { status: 307, headers: { location } },
        });
        try {
          expect(await issuer.test(run.current)).toMatchObject({ verdict: "unknown", code: "unclear_answer" });
          expect((await issuer.signs?.(run.current))?.verdict).toBe("unknown");
          expect(elsewhere.heard()).toBe("");
        } finally {
          await elsewhere.close();
        }
      },
    ));

  it("is not taken for refusing a key when it only thinks that the token has expired", () =>
    inWorld(
      () => makeWorld(),
      async (world, issuer, run) => {
        for (const instance of world.instances) {
          instance.restart({ uses: run.current, accepts: undefined, dateOffsetMs: 3_600_000 });
        }
        expect(await issuer.test(run.current)).toMatchObject({ verdict: "unknown", code: "clock_skew" });
      },
    ));

  it.each([110_000, -110_000])(
    "accepts it when its clock is %s ms away and clockSkew says that it may be",
    (dateOffsetMs) =>
      inWorld(
        () => makeWorld({ clockSkew: "2m", maxTokenLife: "1h" }),
        async (world, issuer, run) => {
          world.instances[1]?.restart({ uses: run.current, accepts: undefined, dateOffsetMs });
          expect(await issuer.test(run.current)).toMatchObject({ verdict: "accepted" });
          expect((await issuer.preflight(run.current)).map(({ code }) => code)).toEqual([]);
        },
      ),
  );

  it("sees a fresh token at each look, for the configured subject, for a minute and the clock skew on both sides", () =>
    inWorld(
      () => makeWorld({ claims: { sub: "keyturn-canary", aud: "shop" }, tokenKid: true }),
      async (world, issuer, run) => {
        await issuer.test(run.current);
        await issuer.test(run.current);
        const tokens = [...(world.instances[0]?.heard() ?? "").matchAll(/Bearer ([\w.-]+)/g)].map(([, token]) => token);
        expect(new Set(tokens).size).toBe(2);
        const [head, claims] = (tokens[0] ?? "")
          .split(".")
          .map((part) => Buffer.from(part, "base64url").toString("utf8"));
        expect(JSON.parse(head ?? "")).toEqual({ alg: "HS256", typ: "JWT", kid: run.current.public["kid"] });
        const { iat, exp, ...rest } = JSON.parse(claims ?? "");
        expect(exp - iat).toBe(180);
        expect(rest).toMatchObject({ sub: "keyturn-canary", aud: "shop" });
      },
    ));

  it("lists another key under our key id: neither accepted nor refused", () =>
    inWorld(
      () => makeWorld({ algorithm: "EdDSA" }),
      async (world, issuer, run) => {
        const kid = run.current.public["kid"];
        const x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        const keySet = { keys: [{ kty: "OKP", crv: "Ed25519", x, kid }] };
        world.instances[1]?.restart({ uses: run.current, accepts: undefined, keySet });
        expect(await issuer.test(run.current)).toMatchObject({ verdict: "unknown", code: "key_id_reused" });
      },
    ));
});
