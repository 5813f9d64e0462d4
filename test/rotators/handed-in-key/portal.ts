import { createServer } from "node:http";
import { z } from "zod";

const Pair = z.strictObject({ key: z.string(), secret: z.string() });

/**
 * Stands for a payment provider's token endpoint and the portal behind it: `POST /api/oauth/generate/token` takes JSON with
 * exactly `key` and `secret`, and answers 200 with a token, or 401. Anything else is a 400, 404 or 415, which is no verdict.
 * `pairs` is what the portal's people see; tests change it as a person would.
 */
export type Portal = {
  readonly url: string;
  readonly pairs: Map<string, string>;
  /** What came last: its Authorization header and its body. */
  readonly last: () => { readonly authorization: string | undefined; readonly body: string };
  /** Answers 503 until it is false again. */
  away: boolean;
  readonly close: () => Promise<void>;
};

export async function startPortal(first: readonly (readonly [key: string, secret: string])[] = []): Promise<Portal> {
  const pairs = new Map(first);
  let last: ReturnType<Portal["last"]> = { authorization: undefined, body: "" };
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (part) => {
      text += String(part);
    });
    request.on("end", () => {
      last = { authorization: request.headers.authorization, body: text };
      const { status, body } = portal.away
        ? { status: 503, body: {} }
        : answer(`${request.method ?? ""} ${request.url ?? ""}`, request.headers["content-type"], text, pairs);
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const portal: Portal = {
    url: `http://127.0.0.1:${String(port)}/api/oauth/generate/token`,
    pairs,
    last: () => last,
    away: false,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return portal;
}

function answer(asked: string, type: string | undefined, text: string, pairs: ReadonlyMap<string, string>) {
  if (asked !== "POST /api/oauth/generate/token") return { status: 404, body: {} };
  if (type !== "application/json") return { status: 415, body: {} };
  const pair = Pair.safeParse(json(text));
  if (!pair.success) return { status: 400, body: { error: "key and secret" } };
  const known = pairs.get(pair.data.key);
  return known !== undefined && known === pair.data.secret
    ? { status: 200, body: { token: "opaque", expiry: 3599 } }
    : { status: 401, body: { error: "invalid client" } };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
