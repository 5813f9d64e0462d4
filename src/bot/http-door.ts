import { createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Log } from "../core/engine-ports.ts";
import { isReplay, refuseDelivery } from "../handlers/http-guard.ts";

const mostBytes = 1_000_000;

export type DoorDeps = {
  readonly signingSecret: string;
  readonly firstTime: (key: string) => Promise<boolean>;
  readonly nowMs: () => number;
  readonly log: Log;
};

/**
 * Stands before Bolt's HTTP receiver (`receiver.requestListener = guardHttp(receiver.requestListener, deps)`), which
 * accepts requests from the future and replays: time within 300 s both ways, a cap on the body, the signature, and each
 * signature once. Bolt checks the signature again. Other paths and methods (health) pass as they are.
 */
export function guardHttp(next: RequestListener, deps: DoorDeps): RequestListener {
  return (request, response) => {
    if (request.method !== "POST") {
      next(request, response);
      return;
    }
    admit(request, response, deps).then(
      (admitted) => {
        if (admitted) {
          next(request, response);
        }
      },
      () => end(response, 503),
    );
  };
}

async function admit(request: IncomingMessage, response: ServerResponse, deps: DoorDeps): Promise<boolean> {
  const timestamp = one(request.headers["x-slack-request-timestamp"]);
  const signature = one(request.headers["x-slack-signature"]);
  const refused = refuseDelivery({ timestamp, signature }, deps.nowMs());
  if (refused !== undefined || timestamp === undefined || signature === undefined) {
    deps.log.warn({ reason: refused }, "a request to the http endpoint was refused");
    return end(response, 401);
  }
  const body = await readBody(request);
  if (body === undefined) {
    return end(response, 413);
  }
  if (!isSigned(deps.signingSecret, timestamp, body, signature)) {
    deps.log.warn({ reason: "bad_signature" }, "a request to the http endpoint was refused");
    return end(response, 401);
  }
  if (await isReplay(signature, deps.firstTime)) {
    deps.log.warn({ reason: "replay" }, "a request to the http endpoint was refused");
    return end(response, 401);
  }
  Object.assign(request, { rawBody: body });
  return true;
}

async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request) {
    if (!Buffer.isBuffer(part)) {
      return undefined;
    }
    bytes += part.length;
    if (bytes > mostBytes) {
      return undefined;
    }
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function isSigned(secret: string, timestamp: string, body: Buffer, signature: string): boolean {
  const expected = Buffer.from(
    `v0=${createHmac("sha256", secret).update(`v0:${timestamp}:`).update(body).digest("hex")}`,
  );
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function end(response: ServerResponse, status: number): false {
  response.writeHead(status, { connection: "close" });
  response.end();
  return false;
}

function one(value: string | string[] | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}
