import { describe, expect, it } from "vitest";
import { z } from "zod";
import { startTraffic, type Traffic } from "../../sandbox/world/token-traffic.ts";
import type { TokenWorld, TokenWorldOptions } from "../../sandbox/world/token-world.ts";
import { everywhere, tellTokens, told } from "./token-story.ts";

/** Verifiers keep the key set for three seconds, longer than it asks to be kept. */
const cache = { keySetMaxAgeMs: 1_000, keySetKeptMs: 3_000, coolDownMs: 30_000 };
/** They keep it for five seconds, and do not ask again for a key that they miss. */
const shortCache = { keySetMaxAgeMs: 1_000, keySetKeptMs: 5_000, coolDownMs: 600_000 };
/** They keep it for ten minutes, and do not ask again for a key that they miss. */
const longCache = { keySetKeptMs: 600_000, coolDownMs: 600_000 };

describe("signing-key with a published key set, under traffic", { timeout: 600_000 }, () => {
  it("RS256: published first, the caches waited for, then signed with; the old key is dropped and proved dead: nobody is refused", async () => {
    await using story = await tell({ algorithm: "RS256" }, { cacheFor: "3s", asked: true });
    const before = await kids(story.world);
    const traffic = startTraffic(story.world, { requestsPerSecond: 100 });
    const id = await story.stage.approved();
    const accepting = await story.stage.drive(id, undefined, "rollout");
    expect(accepting.steps["publish-2"]).toBeUndefined();
    const both = await kids(story.world);
    expect(both.signer).toBe(before.signer);
    expect(both.listed).toHaveLength(2);
    const rotation = await story.stage.drive(id);
    await traffic.stop();
    const after = await kids(story.world);

    expect(rotation.ended, told(rotation)).toMatchObject({ status: "done", leftovers: [] });
    expect(rotation.steps["soak"]?.sentence).toBe(
      "every cache was read anew; every public address lists the new credential",
    );
    expect(rotation.steps["accept"]?.sentence).toMatch(
      /^\d of \d instances asked.*: each accepts the new credential beside the old one$/,
    );
    expect(rotation.steps["sign"]?.sentence).toMatch(
      /\d of \d instances asked: each uses it; the old one is still accepted/,
    );
    expect(rotation.steps["prove"]?.sentence).toMatch(/^proved: old credential refused \(401, not_listed/);
    expect(after.signer).toBe(both.listed.find((kid) => kid !== before.signer));
    expect(after.listed).toEqual([after.signer]);
    expect(traffic.counts().requests).toBeGreaterThan(500);
    expect(traffic.counts().refused).toBe(0);
  });

  it("EdDSA: the wait alone keeps everybody in, and a rollback after the switch refuses nobody and keeps what was signed since", async () => {
    await using story = await tell({ algorithm: "EdDSA" }, { cacheFor: "3s", asked: false });
    const before = await story.world.values();
    const traffic = startTraffic(story.world, { requestsPerSecond: 100 });
    const id = await story.stage.approved();
    await story.stage.drive(id, undefined, "rollout-2");
    const token = await logIn(story.world);
    expect(token.keyId).not.toBe(kidOf(before["JWKS"]));
    expect((await story.press(id, "roll-back")).kind).toBe("ok");
    await story.stage.drive(id, (now) => now.steps["back-grace"] !== undefined);
    expect(await isAcceptedEverywhere(story.world, token.token)).toBe(true);
    const rotation = await story.stage.drive(id);
    await traffic.stop();

    expect(rotation.ended, told(rotation)).toMatchObject({ status: "rolled_back", leftovers: [] });
    expect(await story.world.values()).toEqual(before);
    expect(traffic.counts().refused).toBe(0);
  });

  it("EdDSA: a rollback after the old key was withdrawn waits until the caches have read it anew, and refuses nobody", async () => {
    await using story = await tell(
      { algorithm: "EdDSA", ...shortCache, tokenLifeMs: 2_000 },
      { cacheFor: "5s", asked: false, grace: "2500ms", watchMs: 60_000 },
    );
    const before = await story.world.values();
    const traffic = startTraffic(story.world, { requestsPerSecond: 100 });
    const id = await story.stage.approved();
    await story.stage.drive(id, undefined, "rollout-3");
    const withdrawn = await kids(story.world);
    expect(withdrawn.listed).toEqual([withdrawn.signer]);
    await readAnew(story.world, traffic);
    expect((await story.press(id, "roll-back")).kind).toBe("ok");
    const rotation = await story.stage.drive(id);
    await traffic.stop();

    expect(rotation.ended, told(rotation)).toMatchObject({ status: "rolled_back", leftovers: [] });
    expect(rotation.steps["back-soak"]?.sentence).toBe(
      "every cache was read anew; every public address lists the old credential",
    );
    expect(rotation.steps["back-accept"]?.sentence).toMatch(/: each accepts the old credential again/);
    expect(await story.world.values()).toEqual(before);
    expect(traffic.counts().refused).toBe(0);
  });

  it("EdDSA: a wait that is shorter than the life of the caches: somebody is refused", async () => {
    await using story = await tell({ algorithm: "EdDSA", ...longCache }, { cacheFor: "1s", asked: false });
    const traffic = startTraffic(story.world, { requestsPerSecond: 100 });
    await story.stage.drive(await story.stage.approved(), undefined, "rollout-2");
    await refusals(traffic);
    await traffic.stop();

    expect(traffic.counts().refusedTokens).toBeGreaterThan(0);
  });
});

type Waits = {
  readonly cacheFor: string /** Whether verifiers are shown canary tokens; else only the key set is looked at. */;
  readonly asked: boolean;
  readonly grace?: string;
  readonly watchMs?: number;
};

function tell(options: Partial<TokenWorldOptions>, { cacheFor, asked, ...waits }: Waits) {
  return tellTokens({
    instances: 2,
    ...cache,
    ...options,
    ...waits,
    target: (world) => ({
      only: [world.issuer.name],
      rotator: {
        kind: "signing-key",
        algorithm: world.algorithm,
        maxTokenLife: `${String(world.tokenLifeMs)}ms`,
        clockSkew: "200ms",
        jwks: [...world.issuer.instances, world.issuer.front].map(({ url }) => `${url}/.well-known/jwks.json`),
        cacheFor,
        accept: asked ? [{ urls: everywhere(world, "/canary") }] : [],
        sign: [
          { urls: world.issuer.instances.map(({ url }) => `${url}/login`), body: { user: "smoke" }, token: "$.token" },
        ],
      },
      values: { JWT_PRIVATE_KEY: "{{key}}", JWKS: "{{jwk}}", JWKS_PREVIOUS: "{{accepted.jwk}}" },
    }),
  });
}

const Jwk = z.object({ kid: z.string() });

function kidOf(jwk = ""): string {
  return Jwk.parse(JSON.parse(jwk)).kid;
}

/** Which key signs, by what stands in the `.env`, and which ones are public. */
async function kids({
  issuer,
  values,
}: TokenWorld): Promise<{ readonly signer: string; readonly listed: readonly string[] }> {
  const answer = await fetch(`${issuer.front.url}/.well-known/jwks.json`);
  const { keys } = z.object({ keys: z.array(Jwk) }).parse(await answer.json());
  return { signer: kidOf((await values())["JWKS"]), listed: keys.map(({ kid }) => kid) };
}

async function isAcceptedEverywhere(world: TokenWorld, token: string): Promise<boolean> {
  const asked = everywhere(world, "/me").map((url) => fetch(url, { headers: { authorization: `Bearer ${token}` } }));
  return (await Promise.all(asked)).every(({ status }) => status === 200);
}

/** Somebody who logs in now, with a token that lives a minute, and the key that signed it. */
async function logIn({ issuer }: TokenWorld): Promise<{ readonly token: string; readonly keyId: string }> {
  const body = JSON.stringify({ user: "ada", lifeMs: 60_000 });
  const answer = await fetch(`${issuer.front.url}/login`, { method: "POST", body });
  const { token } = z.object({ token: z.string() }).parse(await answer.json());
  const header = Buffer.from(token.split(".")[0] ?? "", "base64url").toString();
  return { token, keyId: kidOf(header) };
}

/** Those who only verify have read the key set just now. */
async function readAnew({ services, issuer, restart }: TokenWorld, traffic: Traffic): Promise<void> {
  const verifiers = services.filter((service) => service !== issuer).flatMap(({ instances }) => instances);
  for (const { id } of verifiers) await restart(id);
  const { requests } = traffic.counts();
  for (const until = Date.now() + 60_000; Date.now() < until && traffic.counts().requests < requests + 50; ) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function refusals(traffic: Traffic): Promise<void> {
  for (const until = Date.now() + 60_000; Date.now() < until && traffic.counts().refused === 0; ) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
