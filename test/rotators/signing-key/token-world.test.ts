import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTokenWorld, type TokenWorld } from "../../../sandbox/world/token-world.ts";
import type { Credential } from "../../../src/core/credential.ts";
import type { Issuer, Trial } from "../../../src/core/ports.ts";
import { Secret } from "../../../src/core/secret.ts";
import { alphabetFor } from "../../../src/core/templates/alphabet.ts";
import { signingKey } from "../../../src/rotators/signing-key/rotator.ts";
import { clock } from "./world.ts";

const session = { rotationId: "r1", epoch: 1, name: "keyturn:r1:1", guard: () => undefined };
const resolve = (): Promise<never> => Promise.reject(new Error("nothing to resolve"));

type Told = { readonly issuer: Issuer; readonly old: Credential; readonly fresh: Credential };

/** Opens the rotator on a running world, reads the key in use out of its `.env`, and proposes the next. */
async function open(world: TokenWorld, entry: object, stored: Readonly<Record<string, string>>): Promise<Told> {
  const urls = (path: string, names = world.services): string[] =>
    names.flatMap(({ instances }) => instances.map(({ url }) => `${url}${path}`));
  const bound = signingKey(clock).bind({
    kind: "signing-key",
    algorithm: world.algorithm,
    maxTokenLife: "15s",
    accept: [{ urls: urls("/canary") }],
    sign: [{ urls: urls("/login", [world.issuer]), body: { user: "smoke" }, token: "$.token" }],
    ...entry,
  });
  const issuer = await bound.open({ session, resolve, signal: new AbortController().signal });
  const { key = "", ...open } = stored;
  const old = await issuer.identify({ public: open, secret: { key: new Secret(key) } });
  const fresh = await issuer.propose?.({ rotationId: "r1", current: old, alphabet: alphabetFor([], [], "+/=") });
  if (fresh === undefined) throw new Error("it proposes nothing");
  return { issuer, old, fresh };
}

async function look({ issuer, old, fresh }: Told): Promise<readonly (Trial["verdict"] | undefined)[]> {
  const looks = [
    await issuer.test(old),
    await issuer.test(fresh),
    await issuer.signs?.(old),
    await issuer.signs?.(fresh),
  ];
  return looks.map((trial) => trial?.verdict);
}

/** Looks until it is as expected; verifiers that cache a key set need their time. */
async function expectSoon(told: Told, expected: readonly string[]): Promise<void> {
  for (const until = Date.now() + 20_000; Date.now() < until; await new Promise((next) => setTimeout(next, 200))) {
    if (JSON.stringify(await look(told)) === JSON.stringify(expected)) return;
  }
  expect(await look(told)).toEqual(expected);
}

const keyOf = (credential: Credential): string => credential.secret["key"]?.reveal() ?? "";

describe("a signing key of the token service", () => {
  let folder = "";
  const worlds: TokenWorld[] = [];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "signing-key-"));
  });
  afterAll(async () => {
    for (const world of worlds) await world.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function start(options: Partial<Parameters<typeof startTokenWorld>[0]>): Promise<TokenWorld> {
    const world = await startTokenWorld({ folder: await mkdtemp(join(folder, "w-")), instances: 2, ...options });
    worlds.push(world);
    return world;
  }

  it("is told in each phase, and proved dead at the end", async () => {
    const world = await start({});
    const told = await open(world, {}, { key: (await world.values())["JWT_SECRET"] ?? "" });
    const { issuer, old, fresh } = told;
    expect(await issuer.preflight(old)).toEqual([]);
    expect(await look(told)).toEqual(["accepted", "refused", "accepted", "refused"]);

    await world.rewrite({ JWT_SECRET_PREVIOUS: keyOf(fresh) });
    await world.roll(0);
    expect(await look(told)).toEqual(["accepted", "accepted", "accepted", "refused"]);

    await world.rewrite({ JWT_SECRET: keyOf(fresh), JWT_SECRET_PREVIOUS: keyOf(old) });
    await world.restart("api-1");
    expect(await issuer.signs?.(fresh)).toMatchObject({ verdict: "refused" });
    await world.restart("api-2");
    expect(await look(told)).toEqual(["accepted", "accepted", "refused", "accepted"]);

    await world.rewrite({ JWT_SECRET_PREVIOUS: undefined });
    await world.roll(0);
    expect(await issuer.test(old)).toEqual({ verdict: "refused", code: "401" });
    expect(await look(told)).toEqual(["refused", "accepted", "refused", "accepted"]);
  });

  it("is not accepted by an instance that ignores the previous-variable", async () => {
    const world = await start({ ignoresPrevious: ["api-2"] });
    const { issuer, old, fresh } = await open(world, {}, { key: (await world.values())["JWT_SECRET"] ?? "" });

    await world.rewrite({ JWT_SECRET_PREVIOUS: keyOf(fresh) });
    await world.roll(0);

    const [, second] = world.issuer.instances;
    const sentence = `refused by ${new URL(second?.url ?? "").host} (401), accepted by the other instances`;
    expect(await issuer.test(fresh)).toEqual({ verdict: "unknown", code: "disagree", sentence });
    expect((await issuer.test(old)).verdict).toBe("accepted");
  });

  it.each(["RS256", "ES256", "EdDSA"] as const)(
    "is told in each phase for %s, through the published key set",
    async (algorithm) => {
      const world = await start({ algorithm, instances: 1, keySetMaxAgeMs: 1_000, coolDownMs: 200 });
      const values = await world.values();
      const jwk: unknown = JSON.parse(values["JWKS"] ?? "");
      const stored = { key: values["JWT_PRIVATE_KEY"] ?? "", jwk: JSON.stringify(jwk) };
      const jwks = [`${world.issuer.front.url}/.well-known/jwks.json`];
      const told = await open(world, { jwks, cacheFor: "1s" }, stored);
      const { issuer, old, fresh } = told;
      expect(await issuer.preflight(old)).toEqual([]);
      expect(await look(told)).toEqual(["accepted", "refused", "accepted", "refused"]);

      await world.rewrite({ JWKS_PREVIOUS: fresh.public["jwk"] ?? "" }, [world.issuer.name]);
      await world.roll(0);
      await expectSoon(told, ["accepted", "accepted", "accepted", "refused"]);

      const [JWKS = "", JWKS_PREVIOUS = ""] = [fresh.public["jwk"], old.public["jwk"]];
      await world.rewrite({ JWT_PRIVATE_KEY: keyOf(fresh), JWKS, JWKS_PREVIOUS }, [world.issuer.name]);
      await world.roll(0);
      await expectSoon(told, ["accepted", "accepted", "refused", "accepted"]);

      await world.rewrite({ JWKS_PREVIOUS: undefined }, [world.issuer.name]);
      await world.roll(0);
      await expectSoon(told, ["refused", "accepted", "refused", "accepted"]);
      expect(await issuer.test(old)).toMatchObject({ code: "401, not_listed" });
    },
  );
});
