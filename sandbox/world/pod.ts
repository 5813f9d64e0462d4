/**
 * One pod of the demo application: logs in with every connection string of its environment, over and over, from its own
 * address. Serves /health on that address, writes its log to stdout, and keeps its counts in a file, because a pod that is gone
 * answers nobody. With CRASH_ON_REFUSAL it writes its whole environment to its log and ends, as careless applications do.
 */
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { z } from "zod";
import { type Attempt, loginWith } from "./login.ts";

const Environment = z.object({
  /** Connection strings: kind and name of the variable, "postgres:DATABASE_URL redis:REDIS_URL". */
  LOGINS: z.string().transform((text) => text.split(" ").map((each) => Login.parse(each.split(":")))),
  POD_NAME: z.string(),
  POD_IP: z.string(),
  PORT: z.coerce.number(),
  COUNTS_FOLDER: z.string(),
  EVERY_MS: z.coerce.number(),
  CRASH_ON_REFUSAL: z.string().optional(),
});
const Login = z.tuple([z.enum(["postgres", "redis"]), z.string()]);

const settings = Environment.parse(process.env);
const counts = { logins: 0, refused: 0, errors: 0 };
const apps = settings.LOGINS.map(([kind, variable]) => ({
  kind,
  last: { outcome: "error", sentence: "not tried yet" } as Attempt,
  app: loginWith(kind, process.env[variable] ?? "", settings.POD_NAME, settings.POD_IP),
}));
let stopping = false;

function log(level: string, text: string): void {
  process.stdout.write(`${level} ${text}\n`);
}

function keep(): void {
  writeFileSync(`${settings.COUNTS_FOLDER}/${settings.POD_NAME}.json`, JSON.stringify(counts));
}

async function tryAll(): Promise<void> {
  for (const each of apps) {
    each.last = await each.app.login();
    const { outcome, sentence } = each.last;
    if (outcome === "accepted") counts.logins += 1;
    if (outcome === "refused") {
      counts.refused += 1;
      log("ERROR", `${each.kind} authentication error: login refused (${sentence})`);
      if (settings.CRASH_ON_REFUSAL !== undefined) crash();
    }
    if (outcome === "error") {
      counts.errors += 1;
      log("WARN", `${each.kind} not reachable: ${sentence}`);
    }
  }
}

function crash(): void {
  keep();
  process.stderr.write(
    `FATAL cannot start: ${JSON.stringify(process.env)}\n${Object.values(process.env).join("\n")}\n`,
  );
  process.exit(1);
}

async function work(): Promise<void> {
  log("INFO", "started");
  while (!stopping) {
    await tryAll();
    keep();
    await new Promise((resolve) => setTimeout(resolve, settings.EVERY_MS));
  }
}

const server = createServer((_request, response) => {
  const healthy = apps.every(({ last }) => last.outcome === "accepted");
  response.writeHead(healthy ? 200 : 503, { "content-type": "application/json" });
  const words = apps.map(({ kind, last }) => [kind, last.outcome === "accepted" ? "healthy" : "unhealthy"]);
  const status = healthy ? "healthy" : "unhealthy";
  response.end(JSON.stringify({ status, components: Object.fromEntries(words), ...counts }));
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
