import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { Desk } from "../core/desk.ts";
import type { Log } from "../core/engine-ports.ts";
import { explain } from "../core/errors.ts";
import { mostBodyBytes, readForm } from "./collect-form.ts";
import { formPage, laterPage, neutralPage, type Page, pageHeaders, takenPage } from "./collect-html.ts";

export type CollectDoorDeps = {
  readonly desk: Pick<Desk, "collectPage" | "handOver">;
  readonly monotonicMs: () => number;
  readonly log: Log;
};

/** Requests at once, and how many more each second: for people with links, not for whoever tries tokens. */
const pace = { most: 40, perSecond: 4 };

/**
 * Stands before another listener and answers `/collect/TOKEN` itself. GET shows the form and changes nothing, however often
 * and by whom it is fetched; POST uses the link up. Tokens and values stand in no log line.
 */
export function collectFirst(next: RequestListener, deps: CollectDoorDeps): RequestListener {
  const allowed = openBucket(deps.monotonicMs);
  return (request, response) => {
    const path = request.url?.split("?")[0] ?? "";
    if (!path.startsWith("/collect/")) {
      next(request, response);
      return;
    }
    const answered = allowed() ? answer(deps, path.slice("/collect/".length), request) : laterPage(429);
    Promise.resolve(answered).then(
      (page) => send(request, response, page),
      (error: unknown) => {
        deps.log.warn({ code: explain(error).code }, "the page for handing in could not answer");
        send(request, response, laterPage(503));
      },
    );
  };
}

/** Serves the page alone, on loopback. Resolves with a function that ends it. */
export async function serveCollect(port: number, deps: CollectDoorDeps): Promise<() => Promise<void>> {
  const server = createServer(collectFirst((request, response) => send(request, response, neutralPage(404)), deps));
  server.requestTimeout = 15_000;
  server.headersTimeout = 10_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
}

async function answer({ desk, log }: CollectDoorDeps, token: string, request: IncomingMessage): Promise<Page> {
  const { method } = request;
  if (method !== "GET" && method !== "HEAD" && method !== "POST") {
    return neutralPage(405);
  }
  const shown = /^[\w-]{43}$/.test(token) ? await desk.collectPage(token) : undefined;
  if (shown === undefined || shown === "gone") {
    return neutralPage(shown === "gone" ? 410 : 404);
  }
  if (method !== "POST") {
    return formPage(shown);
  }
  const body = await readBody(request, mostBodyBytes(shown.fields.length));
  if (body === undefined) {
    return formPage(shown, { status: 413, sentence: "Not taken: that is too much." });
  }
  const form = readForm(
    body,
    shown.fields.map(({ name }) => name),
  );
  if ("sentence" in form) {
    return formPage(shown, form);
  }
  const taken = await desk.handOver(token, form.values);
  log.info({ rotationId: shown.rotationId, user: shown.givenTo, taken }, "a value was handed in over a one-time link");
  return taken ? takenPage : neutralPage(410);
}

/** Undefined: there is more than that. */
async function readBody(request: IncomingMessage, mostBytes: number): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request) {
    bytes += Buffer.isBuffer(part) ? part.length : mostBytes + 1;
    if (!Buffer.isBuffer(part) || bytes > mostBytes) {
      return undefined;
    }
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function send(request: IncomingMessage, response: ServerResponse, { status, html }: Page): void {
  if (response.destroyed || response.headersSent) {
    return;
  }
  response.writeHead(status, { ...pageHeaders, connection: "close" });
  response.end(request.method === "HEAD" ? undefined : html);
}

function openBucket(monotonicMs: () => number): () => boolean {
  let left = pace.most;
  let since = monotonicMs();
  return () => {
    const now = monotonicMs();
    left = Math.min(pace.most, left + ((now - since) / 1_000) * pace.perSecond);
    since = now;
    if (left < 1) {
      return false;
    }
    left -= 1;
    return true;
  };
}
