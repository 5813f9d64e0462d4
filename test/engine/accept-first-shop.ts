import { createServer } from "node:http";
import { z } from "zod";
import type { TokenWorldOptions } from "../../sandbox/world/token-world.ts";
import { everywhere, tellTokens } from "./token-story.ts";

const Address = z.object({ port: z.number() });

/** A health address that is green until a test makes it red. */
type Switch = AsyncDisposable & { readonly url: string; red: boolean };

async function openSwitch(): Promise<Switch> {
  const server = createServer((_, response) => response.writeHead(state.red ? 503 : 200).end());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = Address.parse(server.address());
  const state: Switch = {
    url: `http://127.0.0.1:${port}/`,
    red: false,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
  return state;
}

type Told = Partial<TokenWorldOptions> & {
  readonly kind: "signing-key" | "shared-key single";
  readonly watchMs?: number;
};

/** Services with one key and a check that the test holds in its hand. Tokens live 2 s. The caller disposes of it. */
export async function tellWithSwitch({ kind, ...told }: Told) {
  await using starting = new AsyncDisposableStack();
  const health = starting.use(await openSwitch());
  const check = { kind: "http", url: health.url, expect: { status: 200 }, settle: "200ms" };
  const story = starting.use(
    await tellTokens({
      instances: 2,
      tokenLifeMs: 2_000,
      ...(kind === "signing-key" ? { grace: "2500ms" } : {}),
      watchMs: 1_000,
      ...told,
      target: (world) =>
        kind === "signing-key"
          ? {
              rotator: {
                kind: "signing-key",
                encoding: "hex",
                maxTokenLife: `${String(world.tokenLifeMs)}ms`,
                clockSkew: "200ms",
                accept: [{ urls: everywhere(world, "/canary") }],
                sign: [{ urls: everywhere(world, "/login"), body: { user: "smoke" }, token: "$.token" }],
              },
              values: { JWT_SECRET: "{{key}}", JWT_SECRET_PREVIOUS: "{{accepted.key}}" },
              checks: [check],
            }
          : {
              rotator: {
                kind: "shared-key",
                mode: "single",
                encoding: "hex",
                restart: "60s",
                accept: [{ urls: everywhere(world, "/internal-canary") }],
              },
              values: { INTERNAL_SERVICE_KEY: "{{key}}" },
              checks: [check],
            },
    }),
  );
  const running = starting.move();
  return { ...story, health, [Symbol.asyncDispose]: () => running.disposeAsync() };
}
