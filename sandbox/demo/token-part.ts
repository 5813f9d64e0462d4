import { encodeToken, secretKey } from "../world/token-jwt.ts";
import { plainTwoPhase } from "../world/token-rotations.ts";
import { startTraffic } from "../world/token-traffic.ts";
import { startTokenWorld, type TokenWorld } from "../world/token-world.ts";
import type { Part } from "./part.ts";

const tokenLifeMs = 4_000;

/**
 * Four instances that sign tokens and verify each other's, restarted one at a time under 200 requests per second. A refused one
 * is counted, whoever sent it.
 */
export async function tokenPart(folder: string): Promise<Part> {
  const world = await startTokenWorld({ folder, instances: 4, tokenLifeMs });
  const traffic = startTraffic(world);
  const first = await keyNow(world);
  const every = (path: string) => world.issuer.instances.map(({ url }) => `${url}${path}`);
  return {
    name: "jwt",
    secret: "jwt",
    environment: "demo",
    references: {},
    connections: {},
    target: {
      rotator: {
        kind: "signing-key",
        name: "shop tokens",
        encoding: "hex",
        maxTokenLife: `${tokenLifeMs}ms`,
        clockSkew: "200ms",
        accept: [{ urls: every("/canary") }],
        sign: [{ urls: every("/login"), body: { user: "smoke" }, token: "$.token" }],
      },
      publish: [
        {
          store: "env-file",
          file: world.issuer.envFile,
          values: { JWT_SECRET: "{{key}}", JWT_SECRET_PREVIOUS: "{{accepted.key}}" },
        },
      ],
      consumers: [world.consumer()],
      checks: every("/health").map((url) => ({ kind: "http", url, expect: { status: 200 }, settle: "2s" })),
    },
    totals: () => {
      const { requests, refused } = traffic.counts();
      return Promise.resolve({ logins: requests, refused });
    },
    trial: async () => {
      const now = await keyNow(world);
      const [old, fresh] = [await answers(world, first), await answers(world, now)];
      return { oldRefused: old.every((status) => status === 401), newAccepted: now !== first && fresh.every(isOk) };
    },
    cut: [{ name: "new key, old one accepted; restart; forget", work: () => plainTwoPhase(world) }],
    stop: async () => {
      await traffic.stop();
      await world.stop();
    },
  };
}

async function keyNow(world: TokenWorld): Promise<string> {
  return (await world.values())["JWT_SECRET"] ?? "";
}

/** What every instance says to a token that is signed with this key now. */
async function answers({ issuer }: TokenWorld, key: string): Promise<readonly number[]> {
  const exp = Math.floor(Date.now() / 1_000) + 60;
  const authorization = `Bearer ${encodeToken("HS256", secretKey(key), undefined, { sub: "demo-proof", exp })}`;
  return Promise.all(
    issuer.instances.map(async ({ url }) => (await fetch(`${url}/canary`, { headers: { authorization } })).status),
  );
}

function isOk(status: number): boolean {
  return status === 200;
}
