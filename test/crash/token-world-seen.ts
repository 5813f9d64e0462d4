import { readFile } from "node:fs/promises";
import { ask } from "../../sandbox/world/token-http.ts";
import { encodeToken, secretKey } from "../../sandbox/world/token-jwt.ts";
import type { TokenWorld } from "../../sandbox/world/token-world.ts";
import type { TokenTarget } from "./token-modes.ts";

/** Ids of the instances that accept this key now. */
export async function tryKey(
  { services }: TokenWorld,
  { what }: Pick<TokenTarget, "what">,
  key: string,
): Promise<readonly string[]> {
  const instances = services.flatMap((service) => service.instances);
  const asked = instances.map(async ({ id, url }) => {
    const { status } =
      what === "tokens"
        ? await ask(`${url}/canary`, { headers: { authorization: `Bearer ${tokenOf(key)}` } })
        : await ask(`${url}/internal-canary`, { headers: { "x-api-key": key } });
    return status === 200 ? [id] : [];
  });
  return (await Promise.all(asked)).flat();
}

function tokenOf(key: string): string {
  if (key === "") return "";
  const iat = Math.floor(Date.now() / 1_000);
  return encodeToken("HS256", secretKey(key), undefined, { sub: "seen", iat, exp: iat + 60 });
}

/**
 * When a caller was refused for its key since the start, ISO 8601, as the instances have it in their logs; those that only try count
 * for nothing, and neither does a token that was over.
 */
export async function refusalsOf({ services }: TokenWorld): Promise<readonly string[]> {
  const files = services.flatMap((service) => service.instances.map(({ logFile }) => readFile(logFile, "utf8")));
  const lines = (await Promise.all(files)).flatMap((text) => text.split("\n"));
  return lines.flatMap((line) => /^(\S+) ERROR auth error(?!.*: expired)/.exec(line)?.[1] ?? []).toSorted();
}
