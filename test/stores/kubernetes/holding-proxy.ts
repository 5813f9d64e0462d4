import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { Agent, request } from "undici";
import { z } from "zod";
import { plainKubeconfig } from "../../connections/kubernetes/plain-kubeconfig.ts";
import type { Cluster } from "../../servers/kubernetes/cluster.ts";

const Login = z.object({ users: z.tuple([z.object({ user: z.object({ token: z.string() }) })]) });

/** In front of an API server: holds every request that writes data until it is told, and passes the others on. */
export type HoldingProxy = AsyncDisposable & {
  readonly kubeconfig: string;
  /** Resolves when a request is being held. */
  readonly held: Promise<void>;
  readonly letGo: () => void;
};

export async function holdingProxy(cluster: Cluster): Promise<HoldingProxy> {
  const { users } = Login.parse(JSON.parse(readFileSync(cluster.kubeconfig, "utf8")));
  const dispatcher = new Agent({ connect: { ca: readFileSync(cluster.caFile, "utf8") } });
  const [held, going] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const server = createServer((asked, answered) => {
    void (async () => {
      const body = await text(asked);
      if (body.includes('"data"')) {
        held.resolve();
        await going.promise;
      }
      const { authorization = "", "content-type": type = "application/json" } = asked.headers;
      const answer = await request(`${cluster.url}${asked.url ?? ""}`, {
        dispatcher,
        method: z.enum(["GET", "PATCH", "POST"]).parse(asked.method),
        headers: { authorization, "content-type": type },
        body: body === "" ? null : body,
      });
      answered.writeHead(answer.statusCode, { "content-type": "application/json" }).end(await answer.body.text());
    })();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = z.object({ port: z.number() }).parse(server.address());
  return {
    kubeconfig: plainKubeconfig(`http://127.0.0.1:${port}`, users[0].user.token),
    held: held.promise,
    letGo: () => going.resolve(),
    [Symbol.asyncDispose]: async () => {
      going.resolve();
      server.closeAllConnections();
      server.close();
      await dispatcher.destroy();
    },
  };
}
