import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { Agent, request } from "undici";
import { z } from "zod";
import { plainKubeconfig } from "../../connections/kubernetes/plain-kubeconfig.ts";
import type { Cluster } from "./cluster.ts";
import { requestText } from "./request-text.ts";

/** One request to the API server. `text`: verb and object, see `requestText`. */
export type ApiRequest = { readonly text: string; readonly namespace: string };
type Hook = (request: ApiRequest) => Promise<"drop" | "forward"> | "drop" | "forward";

export type ApiProxy = AsyncDisposable & {
  /** Path of a kubeconfig (context `plain`) by which the user of another one asks through the proxy. */
  readonly kubeconfigFor: (kubeconfig: string) => string;
  /** All requests since the start or the last reset(), in order of arrival; a copy. */
  readonly requests: () => readonly ApiRequest[];
  readonly reset: () => void;
  /** Calls `hook` before the API server gets a request. `drop`: it never does, and the connection is cut. */
  readonly onCommand: (hook: Hook) => () => void;
  /** Calls `hook` when the API server has answered. `drop`: the answer is thrown away, and the connection is cut. */
  readonly onReply: (hook: Hook) => () => void;
};

const Login = z.object({ users: z.tuple([z.object({ user: z.object({ token: z.string() }) })]) });
const Method = z.enum(["GET", "PATCH", "POST", "DELETE"]);

/** A plain HTTP proxy on a free loopback port in front of an API server. Carries no watches, and no WebSockets. */
export async function startApiProxy(cluster: Pick<Cluster, "url" | "caFile">): Promise<ApiProxy> {
  const dispatcher = new Agent({ connect: { ca: readFileSync(cluster.caFile, "utf8") } });
  const [before, after] = [new Set<Hook>(), new Set<Hook>()];
  const errors: unknown[] = [];
  let seen: ApiRequest[] = [];

  async function carry(asked: IncomingMessage, answered: ServerResponse): Promise<void> {
    const { method, url = "/", headers } = asked;
    const body = await buffer(asked);
    const one = requestText(method ?? "GET", url, body.toString());
    seen.push(one);
    if (await isDropped(before, one)) return void answered.destroy();
    const { authorization = "", "content-type": type = "application/json", accept = "application/json" } = headers;
    const answer = await request(`${cluster.url}${url}`, {
      dispatcher,
      method: Method.parse(method),
      headers: { authorization, accept, "content-type": type },
      body: body.length === 0 ? null : body,
    });
    const text = await buffer(answer.body);
    if (await isDropped(after, one)) return void answered.destroy();
    const date = String(answer.headers["date"] ?? "");
    const kind = String(answer.headers["content-type"] ?? "");
    answered.writeHead(answer.statusCode, { "content-type": kind, date }).end(text);
  }
  const server = createServer((asked, answered) => {
    carry(asked, answered).catch((error: unknown) => {
      // A client that was killed is no error.
      if (!asked.destroyed || asked.complete) errors.push(error);
      answered.destroy();
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = z.object({ port: z.number() }).parse(server.address());
  return {
    kubeconfigFor: (kubeconfig) => {
      const { users } = Login.parse(JSON.parse(readFileSync(kubeconfig, "utf8")));
      return plainKubeconfig(`http://127.0.0.1:${port}`, users[0].user.token);
    },
    requests: () => [...seen],
    reset: () => {
      seen = [];
    },
    onCommand: (hook) => hooked(before, hook),
    onReply: (hook) => hooked(after, hook),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await dispatcher.destroy();
      if (errors.length > 0) throw new AggregateError(errors, "requests through the API proxy failed");
    },
  };
}

async function isDropped(hooks: ReadonlySet<Hook>, one: ApiRequest): Promise<boolean> {
  for (const hook of hooks) if ((await hook(one)) === "drop") return true;
  return false;
}

function hooked(hooks: Set<Hook>, hook: Hook): () => void {
  hooks.add(hook);
  return () => void hooks.delete(hook);
}
