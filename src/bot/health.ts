import { createServer } from "node:http";

/** What a supervisor asks: is the process there, and does it reach its database and Slack. No names, no secrets. */
export type Health = { readonly database: boolean; readonly slack: boolean };

/** Serves GET /healthz on loopback: 200 when all is well, else 503. Resolves with a function that ends it. */
export async function serveHealth(port: number, look: () => Promise<Health>): Promise<() => Promise<void>> {
  const server = createServer((request, response) => {
    if (request.url !== "/healthz") {
      response.writeHead(404).end();
      return;
    }
    void look()
      .catch(() => ({ database: false, slack: false }))
      .then((health) => {
        response.writeHead(health.database && health.slack ? 200 : 503, { "content-type": "application/json" });
        response.end(JSON.stringify(health));
      });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return () => new Promise((resolve) => server.close(() => resolve()));
}
