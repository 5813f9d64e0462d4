import { createServer } from "node:http";
import { z } from "zod";
import { freePort } from "../servers/port.ts";

export const smokePassword = "smoke-of-the-examples-77a0";
export const smokeAuthorization = "Bearer smoke-of-the-examples-93b1";

const Login = z.object({ user: z.literal("smoke"), password: z.literal(smokePassword) });
const Health = z.object({ components: z.object({ postgres: z.string() }) });

/** What stands in front of an application's pods: the public addresses that the examples ask. Everything else is 404. */
export type Front = AsyncDisposable & { readonly url: string };

/** `pods`: addresses of those that are ready; /health is the answer of the first, in the words of Cloud Aegis. */
export async function startFront(pods: () => Promise<readonly string[]>): Promise<Front> {
  const answer = async (what: string, body: string, authorization: string): Promise<readonly [number, unknown]> => {
    if (what === "POST /api/v1/auth/login") return Login.safeParse(JSON.parse(body)).success ? [200, {}] : [401, {}];
    if (what === "GET /api/v1/findings") return authorization === smokeAuthorization ? [200, { total: 3 }] : [401, {}];
    const [first] = what === "GET /health" ? await pods() : [];
    if (first === undefined) return [what === "GET /health" ? 503 : 404, {}];
    const seen = await fetch(`http://${first}:8080/health`);
    const { postgres } = Health.parse(await seen.json()).components;
    return [seen.status, { components: { database: postgres } }];
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const what = `${request.method ?? ""} ${request.url ?? ""}`;
      answer(what, Buffer.concat(chunks).toString(), request.headers.authorization ?? "").then(
        ([status, body]) => {
          response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
        },
        () => response.writeHead(502).end(),
      );
    });
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${String(port)}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
