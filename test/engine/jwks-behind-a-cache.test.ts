import { expect, it } from "vitest";
import { startTraffic } from "../../sandbox/world/token-traffic.ts";
import { openCdn } from "./key-set-cdn.ts";
import { tellTokens, told } from "./token-story.ts";

/** Verifiers keep the key set for five seconds, and do not ask again for a key that they miss. */
const readers = { keySetMaxAgeMs: 1_000, keySetKeptMs: 5_000, coolDownMs: 600_000 };

it("the wait for caches begins when the cache in front of the key set lists the new key, and nobody is refused", async () => {
  await using cdn = await openCdn();
  await using story = await tell(cdn.url, (front) => {
    cdn.readsFrom(front);
    return cdn.url;
  });
  const { world, stage } = story;
  const id = await stage.approved();
  const traffic = startTraffic(world, { requestsPerSecond: 40, users: 10 });
  await stage.drive(id, undefined, "publish");
  await cdn.keep();
  const waiting = await stage.drive(id, ({ steps: { soak } }) => Date.now() > waitedAt(soak?.startedAt));
  expect(waiting.steps["soak"], told(waiting)).toMatchObject({ status: "started" });
  expect(waiting.steps["soak"]?.notes["listed"]?.sentence).toMatch(
    /^not every public address lists the new credential/,
  );
  const verifiers = world.services.filter((service) => service !== world.issuer).flatMap(({ instances }) => instances);
  for (const { id: verifier } of verifiers) await world.restart(verifier);
  const { requests } = traffic.counts();
  await untilTrue(() => traffic.counts().requests > requests + 50);
  cdn.letGo();
  const rotation = await stage.drive(id, undefined, "sign");
  await traffic.stop();

  expect(rotation.steps["sign"]?.status, told(rotation)).toBe("done");
  expect(traffic.counts().refused).toBe(0);
}, 300_000);

/** The wait is over by then, were it counted from its beginning. */
function waitedAt(startedAt: string | undefined): number {
  return startedAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(startedAt) + readers.keySetKeptMs + 1_000;
}

async function untilTrue(holds: () => boolean): Promise<void> {
  for (const until = Date.now() + 60_000; Date.now() < until && !holds(); ) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function tell(keySet: string, keySetBehind: (front: string) => string) {
  return tellTokens({
    instances: 2,
    algorithm: "EdDSA",
    ...readers,
    keySetBehind,
    target: (world) => ({
      only: [world.issuer.name],
      rotator: {
        kind: "signing-key",
        algorithm: world.algorithm,
        maxTokenLife: `${String(world.tokenLifeMs)}ms`,
        clockSkew: "200ms",
        jwks: [`${keySet}/.well-known/jwks.json`],
        cacheFor: "5s",
        timeout: "20s",
        sign: [
          { urls: world.issuer.instances.map(({ url }) => `${url}/login`), body: { user: "smoke" }, token: "$.token" },
        ],
      },
      values: { JWT_PRIVATE_KEY: "{{key}}", JWKS: "{{jwk}}", JWKS_PREVIOUS: "{{accepted.jwk}}" },
    }),
  });
}
