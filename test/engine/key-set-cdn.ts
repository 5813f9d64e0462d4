import { createServer } from "node:http";
import { z } from "zod";

const Address = z.object({ port: z.number() });

/** A cache in front of the key set. It says nothing of itself: the headers are those of the origin. */
export type Cdn = AsyncDisposable & {
  readonly url: string;
  /** Where it reads; known once the world has started. */
  readonly readsFrom: (origin: string) => void;
  /** Reads the set now, and keeps it from now on. */
  readonly readAnew: () => Promise<void>;
};

/** Keeps what it has read for `keptMs`, for everybody alike, whatever its headers say. */
export async function openCdn(keptMs: number): Promise<Cdn> {
  let origin = "";
  let kept = { body: "", cache: "", until: 0 };
  const readAnew = async (): Promise<void> => {
    const answer = await fetch(`${origin}/.well-known/jwks.json`);
    const body = await answer.text();
    kept = { body, cache: answer.headers.get("cache-control") ?? "", until: Date.now() + keptMs };
  };
  const server = createServer((_, response) => {
    void (Date.now() < kept.until ? Promise.resolve() : readAnew()).then(
      () => response.writeHead(200, { "content-type": "application/json", "cache-control": kept.cache }).end(kept.body),
      () => response.writeHead(502).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = Address.parse(server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    readsFrom: (url) => {
      origin = url;
    },
    readAnew,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
