import { expect, it } from "vitest";
import { startTraffic } from "../../sandbox/world/token-traffic.ts";
import { openCdn } from "./key-set-cdn.ts";
import { tellTokens, told } from "./token-story.ts";

/** Verifiers keep the key set for five seconds, and do not ask again for a key that they miss. */
const readers = { keySetMaxAgeMs: 1_000, keySetKeptMs: 5_000, coolDownMs: 600_000 };

it("the wait for caches begins when the cache in front of the key set lists the new key, and nobody is refused", async () => {
  await using cdn = await openCdn(12_000);
  await using story = await tell(cdn.url, (front) => {
    cdn.readsFrom(front);
    return cdn.url;
  });
  const { world, stage } = story;
  const id = await stage.approved();
  const traffic = startTraffic(world, { requestsPerSecond: 40, users: 10 });
  await stage.drive(id, undefined, "publish");
  await cdn.readAnew();
  const rotation = await stage.drive(id, undefined, "sign");
  await traffic.stop();

  expect(rotation.steps["sign"]?.status, told(rotation)).toBe("done");
  expect(traffic.counts().requests).toBeGreaterThan(200);
  expect(traffic.counts().refused).toBe(0);
}, 300_000);

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
