import { createServer } from "node:http";
import { z } from "zod";

const Address = z.object({ port: z.number() });

/** A cache in front of the key set. It says nothing of itself: the headers are those of the origin. */
type Cdn = AsyncDisposable & {
  readonly url: string;
  /** Where it reads; known once the world has started. */
  readonly readsFrom: (origin: string) => void;
  /** From now on it answers with what the set is now, until it is let go. */
  readonly keep: () => Promise<void>;
  readonly letGo: () => void;
};

type Kept = { readonly body: string; readonly cache: string };

/** It keeps the set as long as the test wants, for everybody alike, whatever the headers say. */
export async function openCdn(): Promise<Cdn> {
  let origin = "";
  let kept: Kept | undefined;
  const read = async (): Promise<Kept> => {
    const answer = await fetch(`${origin}/.well-known/jwks.json`);
    return { body: await answer.text(), cache: answer.headers.get("cache-control") ?? "" };
  };
  const server = createServer((_, response) => {
    void (kept === undefined ? read() : Promise.resolve(kept)).then(
      ({ body, cache }) =>
        response.writeHead(200, { "content-type": "application/json", "cache-control": cache }).end(body),
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
    keep: async () => {
      kept = await read();
    },
    letGo: () => {
      kept = undefined;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
