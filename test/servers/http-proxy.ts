import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { Agent, request } from "undici";
import { z } from "zod";
import { freePort } from "./port.ts";

/** One request to a server behind the proxy: `GET /health one`, without its query; and as whom it was made. */
export type HttpRequest = { readonly text: string; readonly authorization?: string };
type HttpReply = HttpRequest & { readonly status: number };
type Hook<T> = (seen: T) => Promise<"drop" | "forward"> | "drop" | "forward";

export type HttpProxy = AsyncDisposable & {
  /** Where a server is reached through the proxy. Throws for one that is not behind it. */
  readonly urlOf: (id: string) => string;
  /** All requests since the start, in order of arrival; a copy. */
  readonly requests: () => readonly HttpRequest[];
  /** Calls `hook` before the server gets a request. `drop`: it never does, and the connection is cut. */
  readonly onCommand: (hook: Hook<HttpRequest>) => () => void;
  /** Calls `hook` when the server has answered. `drop`: the answer is thrown away, and the connection is cut. */
  readonly onReply: (hook: Hook<HttpReply>) => () => void;
};

const Method = z.enum(["GET", "POST", "PUT"]);

/**
 * An HTTP proxy on free loopback ports, one for each server, so that each is told apart by its address. A server that does not
 * answer is a connection that is cut.
 */
export async function startHttpProxy(servers: readonly { readonly id: string; readonly url: string }[]) {
  const dispatcher = new Agent({ pipelining: 0 });
  const [before, after] = [new Set<Hook<HttpRequest>>(), new Set<Hook<HttpReply>>()];
  const seen: HttpRequest[] = [];
  async function carry(id: string, to: string, asked: IncomingMessage, answered: ServerResponse): Promise<void> {
    const { method = "GET", url = "/", headers } = asked;
    const { authorization } = headers;
    const text = `${method} ${url.replace(/\?.*/, "")} ${id}`;
    const one = authorization === undefined ? { text } : { text, authorization };
    seen.push(one);
    if (await isDropped(before, one)) return void answered.destroy();
    const { host: _host, connection: _connection, "transfer-encoding": _encoding, ...rest } = headers;
    const body = await buffer(asked);
    const answer = await request(`${to}${url}`, {
      dispatcher,
      method: Method.parse(method),
      headers: rest,
      body: body.length === 0 ? null : body,
    });
    const said = await buffer(answer.body);
    if (await isDropped(after, { ...one, status: answer.statusCode })) return void answered.destroy();
    const type = String(answer.headers["content-type"] ?? "");
    answered.writeHead(answer.statusCode, { "content-type": type, "content-length": said.length }).end(said);
  }
  const doors = new Map<string, { readonly server: Server; readonly url: string }>();
  for (const { id, url } of servers) {
    const server = createServer((asked, answered) => {
      carry(id, url, asked, answered).catch(() => answered.destroy());
    });
    const port = await freePort();
    await once(server.listen(port, "127.0.0.1"), "listening");
    doors.set(id, { server, url: `http://127.0.0.1:${port}` });
  }
  const proxy: HttpProxy = {
    urlOf: (id) => {
      const door = doors.get(id);
      if (door === undefined) throw new Error(`${id} is not behind the proxy`);
      return door.url;
    },
    requests: () => [...seen],
    onCommand: (hook) => hooked(before, hook),
    onReply: (hook) => hooked(after, hook),
    [Symbol.asyncDispose]: async () => {
      for (const { server } of doors.values()) {
        server.closeAllConnections();
        server.close();
      }
      await dispatcher.destroy();
    },
  };
  return proxy;
}

async function isDropped<T>(hooks: ReadonlySet<Hook<T>>, one: T): Promise<boolean> {
  for (const hook of hooks) if ((await hook(one)) === "drop") return true;
  return false;
}

function hooked<T>(hooks: Set<Hook<T>>, hook: Hook<T>): () => void {
  hooks.add(hook);
  return () => void hooks.delete(hook);
}
