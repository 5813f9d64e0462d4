/**
 * One pod of the demo application: logs in with what its environment says, over and over, from its own address. Serves
 * /health on that address, writes its log to stdout, and keeps its counts in a file, because a pod that is gone answers nobody.
 */
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { z } from "zod";
import { type Attempt, loginWith } from "./login.ts";

const Environment = z.object({
  DATABASE_URL: z.string(),
  POD_NAME: z.string(),
  POD_IP: z.string(),
  PORT: z.coerce.number(),
  COUNTS_FOLDER: z.string(),
  EVERY_MS: z.coerce.number(),
});

const settings = Environment.parse(process.env);
const counts = { logins: 0, refused: 0, errors: 0 };
let last: Attempt = { outcome: "error", sentence: "not tried yet" };
let stopping = false;
const app = loginWith("postgres", settings.DATABASE_URL, settings.POD_NAME, settings.POD_IP);

function log(level: string, text: string): void {
  process.stdout.write(`${level} ${text}\n`);
}

function keep(): void {
  writeFileSync(`${settings.COUNTS_FOLDER}/${settings.POD_NAME}.json`, JSON.stringify(counts));
}

async function work(): Promise<void> {
  log("INFO", "started");
  while (!stopping) {
    last = await app.login();
    if (last.outcome === "accepted") counts.logins += 1;
    else if (last.outcome === "refused") {
      counts.refused += 1;
      log("ERROR", `postgres authentication error: login refused (${last.sentence})`);
    } else {
      counts.errors += 1;
      log("WARN", `postgres not reachable: ${last.sentence}`);
    }
    keep();
    await new Promise((resolve) => setTimeout(resolve, settings.EVERY_MS));
  }
}

const server = createServer((_request, response) => {
  const healthy = last.outcome === "accepted";
  response.writeHead(healthy ? 200 : 503, { "content-type": "application/json" });
  const status = healthy ? "healthy" : "unhealthy";
  response.end(JSON.stringify({ status, components: { postgres: status }, principal: app.principal, ...counts }));
});
server.listen(settings.PORT, settings.POD_IP);
const done = work();
process.on("SIGTERM", () => {
  stopping = true;
  void done.then(() => {
    keep();
    process.exit(0);
  });
});
