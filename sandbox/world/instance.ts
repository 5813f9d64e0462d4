/**
 * One instance of the demo application: reads its `.env` once, when it starts, and logs in with what stands there, over and
 * over, as a busy service does. It serves /health, writes a log, and counts every login that was refused.
 *
 * Started by `supervisor.ts` as a process of its own; settings come as one JSON argument.
 */
import { appendFileSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { parseEnv } from "node:util";
import { z } from "zod";
import { type Attempt, loginWith } from "./login.ts";

const Settings = z.strictObject({
  id: z.string(),
  kind: z.enum(["postgres", "redis"]),
  envFile: z.string(),
  keys: z.array(z.string()).min(1),
  port: z.int(),
  logFile: z.string(),
  everyMs: z.int(),
});

const settings = Settings.parse(JSON.parse(process.argv[2] ?? "{}"));
const startedAt = new Date().toISOString();
const variables = parseEnv(readFileSync(settings.envFile, "utf8"));
const counts = { logins: 0, refused: 0, errors: 0 };
let last: Attempt = { outcome: "error", sentence: "not tried yet" };
let lastGoodMs = 0;
let stopping = false;

const apps = settings.keys.map((key) => loginWith(settings.kind, variables[key] ?? "", `demo-${settings.id}`));

function log(level: string, text: string): void {
  appendFileSync(settings.logFile, `${new Date().toISOString()} ${level} ${text}\n`);
}

/** Logs in with each of its connection strings; it is well when all were accepted. */
async function tick(): Promise<void> {
  const attempts = await Promise.all(apps.map((app) => app.login()));
  attempts.forEach(count);
  last = attempts.find(({ outcome }) => outcome !== "accepted") ?? attempts[0] ?? last;
  if (last.outcome === "accepted") {
    lastGoodMs = Date.now();
  }
}

function count({ outcome, sentence }: Attempt): void {
  switch (outcome) {
    case "accepted":
      counts.logins += 1;
      break;
    case "refused":
      counts.refused += 1;
      log("ERROR", `${settings.kind} authentication error: login refused (${sentence})`);
      break;
    case "error":
      counts.errors += 1;
      log("WARN", `${settings.kind} not reachable: ${sentence}`);
      break;
  }
}

async function work(): Promise<void> {
  log("INFO", `instance ${settings.id} started`);
  const running = new Set<Promise<void>>();
  while (!stopping) {
    const one = tick().finally(() => running.delete(one));
    running.add(one);
    await new Promise((resolve) => setTimeout(resolve, settings.everyMs));
    if (running.size > 50) {
      await Promise.race(running);
    }
  }
  await Promise.all(running);
  await Promise.all(apps.map((app) => app.close()));
}

const server = createServer((request, response) => {
  const healthy = last.outcome === "accepted" && Date.now() - lastGoodMs < 3_000;
  const body = {
    status: healthy ? "healthy" : "unhealthy",
    components: { [settings.kind]: healthy ? "healthy" : "unhealthy" },
    id: settings.id,
    startedAt,
    principal: apps[0]?.principal,
    ...counts,
  };
  response.writeHead(request.url === "/stats" || healthy ? 200 : 503, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
});

server.listen(settings.port, "127.0.0.1");
const done = work();
process.on("SIGTERM", () => {
  stopping = true;
  void done.then(() => {
    process.stdout.write(`${JSON.stringify(counts)}\n`, () => process.exit(0));
  });
});
