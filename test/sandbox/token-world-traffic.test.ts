import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { plainTwoPhase, publishThenSign, threePhase } from "../../sandbox/world/token-rotations.ts";
import { startTraffic, type Traffic, type TrafficOptions } from "../../sandbox/world/token-traffic.ts";
import { startTokenWorld, type TokenWorld, type TokenWorldOptions } from "../../sandbox/world/token-world.ts";

it("two phases refuse requests while the roll-out runs: tokens and service keys", async () => {
  await underTraffic({ instances: 4, tokenLifeMs: 4_000 }, {}, async (world, traffic) => {
    await plainTwoPhase(world, { forgets: false });
    const counts = await traffic.stop();
    expect(counts).toMatchObject({ errors: 0, firstRefusal: expect.any(String), lastRefusal: expect.any(String) });
    expect(counts.refusedTokens).toBeGreaterThan(0);
    expect(counts.refusedInternal).toBeGreaterThan(0);
    expect(counts.refused).toBe(counts.refusedTokens + counts.refusedInternal);
  });
});

it("three phases refuse none, and restarting one by one breaks none off", async () => {
  await underTraffic({ instances: 4, tokenLifeMs: 4_000 }, {}, async (world, traffic) => {
    const before = await world.values();
    await threePhase(world);
    const counts = await traffic.stop();
    expect(counts).toMatchObject({ refused: 0, errors: 0 });
    expect(counts.requests).toBeGreaterThan(500);
    const after = await world.values();
    expect(Object.keys(after)).toEqual(Object.keys(before));
    for (const [name, value] of Object.entries(after)) expect(value).not.toBe(before[name]);
  });
});

it("three phases that forget the old key before a long-lived token is over refuse that one, and say so apart", async () => {
  await underTraffic({ instances: 2, tokenLifeMs: 2_000 }, { longLived: 5 }, async (world, traffic) => {
    await threePhase(world, { what: ["token"] });
    await expect.poll(() => traffic.counts().refusedLongLived, { timeout: 10_000 }).toBeGreaterThan(0);
    const counts = await traffic.stop();
    expect(counts).toMatchObject({ refusedTokens: 0, refusedInternal: 0, refused: counts.refusedLongLived, errors: 0 });
  });
});

it("a key pair that is published, waited for and then used refuses none", async () => {
  const options = { instances: 2, algorithm: "ES256", tokenLifeMs: 3_000, keySetMaxAgeMs: 2_000 } as const;
  await underTraffic(options, {}, async (world, traffic) => {
    const before = (await world.values())["JWKS"];
    await publishThenSign(world, { waits: true });
    expect(await traffic.stop()).toMatchObject({ refused: 0, errors: 0 });
    expect((await world.values())["JWKS"]).not.toBe(before);
    expect(await world.values()).not.toHaveProperty("JWKS_PREVIOUS");
  });
});

it("a key pair that signs before caches have it is refused by those who hold the old set and may not ask again yet", async () => {
  const options = { instances: 2, algorithm: "RS256", tokenLifeMs: 3_000, keySetMaxAgeMs: 60_000 } as const;
  await underTraffic(options, {}, async (world, traffic) => {
    await publishThenSign(world, { waits: false });
    await expect.poll(() => traffic.counts().refusedTokens, { timeout: 10_000 }).toBeGreaterThan(0);
  });
});

it("with a cool-down that is over a client asks again for a key that it does not know, and refuses none", async () => {
  const caching = { keySetMaxAgeMs: 60_000, coolDownMs: 0 };
  const options = { instances: 2, algorithm: "EdDSA", tokenLifeMs: 2_000, ...caching } as const;
  await underTraffic(options, {}, async (world, traffic) => {
    await publishThenSign(world, { waits: false });
    const { requests } = traffic.counts();
    await expect.poll(() => traffic.counts().requests, { timeout: 10_000 }).toBeGreaterThan(requests + 300);
    expect(await traffic.stop()).toMatchObject({ refused: 0, errors: 0 });
  });
});

/** Starts a world with traffic in it, and waits until every kind of request has been made. */
async function underTraffic(
  options: Omit<TokenWorldOptions, "folder">,
  load: TrafficOptions,
  use: (world: TokenWorld, traffic: Traffic) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "token-world-"));
  const world = await startTokenWorld({ ...options, folder });
  const traffic = startTraffic(world, load);
  try {
    await expect.poll(() => traffic.counts().requests, { timeout: 10_000 }).toBeGreaterThan(200);
    await use(world, traffic);
  } finally {
    await traffic.stop();
    await world.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
