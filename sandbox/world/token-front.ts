import { Agent, createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type Answer, ask, bodyOf, reply } from "./token-http.ts";
import { quietPort } from "./token-process.ts";

/** A small load balancer, as a Service is: requests go to the ready instances in turn. */
export type Front = {
  readonly url: string;
  /** Requests may go to it from now on. */
  readonly admit: (id: string, port: number) => void;
  /** No new request goes to it; resolves when those under way are answered, or after 10 s. */
  readonly withdraw: (id: string) => Promise<void>;
  readonly ready: () => readonly string[];
  /** How many requests each instance was sent. */
  readonly sent: () => Readonly<Record<string, number>>;
  readonly close: () => void;
};

type Backend = { readonly id: string; readonly port: number; readonly agent: Agent; open: number; isReady: boolean };

const patienceMs = 5_000;
const drainMs = 10_000;

/** Starts it. While nothing is ready a request waits up to 5 s, and is answered with 503 then. */
export async function startFront(): Promise<Front> {
  const backends = new Map<string, Backend>();
  const sent = new Map<string, number>();
  let turn = 0;
  const next = async (): Promise<Backend | undefined> => {
    for (const until = Date.now() + patienceMs; Date.now() < until; ) {
      const ready = [...backends.values()].filter(({ isReady }) => isReady);
      turn += 1;
      const chosen = ready[turn % ready.length];
      if (chosen !== undefined) {
        chosen.open += 1;
        sent.set(chosen.id, (sent.get(chosen.id) ?? 0) + 1);
        return chosen;
      }
      await pause();
    }
    return undefined;
  };
  const server = createServer((request, response) => {
    forward(request, response, next).catch(() => {
      if (!response.headersSent) reply(response, 502, { error: "the instance broke off" });
    });
  });
  server.keepAliveTimeout = 60_000;
  const port = await quietPort();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${port}`,
    admit: (id, to) => {
      backends.set(id, { id, port: to, agent: new Agent({ keepAlive: true }), open: 0, isReady: true });
    },
    withdraw: async (id) => {
      const backend = backends.get(id);
      if (backend === undefined) return;
      backend.isReady = false;
      for (const until = Date.now() + drainMs; backend.open > 0 && Date.now() < until; ) await pause();
      backend.agent.destroy();
    },
    ready: () => [...backends.values()].flatMap(({ id, isReady }) => (isReady ? [id] : [])).toSorted(),
    sent: () => Object.fromEntries(sent),
    close: () => {
      server.close();
      server.closeAllConnections();
      for (const { agent } of backends.values()) agent.destroy();
    },
  };
}

async function forward(
  request: IncomingMessage,
  response: ServerResponse,
  next: () => Promise<Backend | undefined>,
): Promise<void> {
  const body = await bodyOf(request);
  const backend = await next();
  if (backend === undefined) return reply(response, 503, { error: "no instance is ready" });
  try {
    pass(await askBackend(backend, request, body), response);
  } finally {
    backend.open -= 1;
  }
}

function askBackend({ port, agent }: Backend, request: IncomingMessage, body: string): Promise<Answer> {
  const headers: Record<string, string> = {};
  for (const name of ["authorization", "x-api-key", "content-type"]) {
    const value = request.headers[name];
    if (typeof value === "string") headers[name] = value;
  }
  const url = `http://127.0.0.1:${port}${request.url ?? "/"}`;
  return ask(url, { method: request.method ?? "GET", headers, body, agent });
}

function pass({ status, headers, body }: Answer, response: ServerResponse): void {
  const cache = headers["cache-control"];
  response.writeHead(status, {
    "content-type": headers["content-type"] ?? "application/json",
    "content-length": Buffer.byteLength(body),
    ...(cache === undefined ? {} : { "cache-control": cache }),
  });
  response.end(body);
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}
