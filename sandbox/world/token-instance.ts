/**
 * One instance of the token service: signs tokens, verifies them, and calls its peers. It reads its `.env` once, when it starts.
 * Started by `token-process.ts` with its settings as one JSON argument; its log is its stdout. Endpoints: see `token-world.ts`.
 */
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { parseEnv } from "node:util";
import { z } from "zod";
import { ask, bodyOf, reply } from "./token-http.ts";
import { keySetIn, remoteKeySet } from "./token-key-set.ts";
import { fingerprint, keysOf } from "./token-keys.ts";
import { Settings } from "./token-settings.ts";

const startedAt = new Date().toISOString();
const settings = Settings.parse(JSON.parse(process.argv[2] ?? "{}"));
const { id, variables } = settings;
const values: Readonly<Record<string, string>> = z
  .record(z.string(), z.string())
  .parse(parseEnv(readFileSync(settings.envFile, "utf8")));
const keys = keysOf(settings, values, remoteKeySet(settings.keySetUrl, settings.coolDownMs, settings.keySetKeptMs));
const keySet = keySetIn([values[variables.keySet], values[variables.keySetPrevious]]);
const internalKeys = [
  values[variables.internal] ?? "",
  settings.ignoresPrevious ? "" : (values[variables.internalPrevious] ?? ""),
];
const counts = { requests: 0, refused: 0 };

const Login = z.strictObject({ user: z.string().min(1), lifeMs: z.int().positive().optional() });
const Call = z.strictObject({ url: z.url().startsWith("http://127.0.0.1:") });

function log(level: string, text: string): void {
  process.stdout.write(`${new Date().toISOString()} ${level} ${text}\n`);
}

/** A refusal of a real caller is an error in the log; that of somebody who only tries is none. */
function refuse(response: ServerResponse, what: string, reason: string, isTrial: boolean): void {
  if (!isTrial) counts.refused += 1;
  log(isTrial ? "INFO" : "ERROR", `${isTrial ? "trial" : "auth error"}: ${what} refused: ${reason}`);
  reply(response, 401, { error: `${what} refused: ${reason}` });
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await bodyOf(request);
  counts.requests += 1;
  switch (`${request.method ?? ""} ${request.url ?? ""}`) {
    case "GET /health":
      return reply(response, 200, { status: "healthy", instance: id });
    case "GET /stats":
      return reply(response, 200, { instance: id, startedAt, ...counts });
    case "POST /login":
      return login(body, response);
    case "GET /me":
      return await verify(request, response, false);
    case "GET /canary":
      return await verify(request, response, true);
    case "GET /internal":
      return internal(request, response, false);
    case "GET /internal-canary":
      return internal(request, response, true);
    case "POST /call":
      return await call(body, response);
    case "GET /.well-known/jwks.json":
      return reply(response, settings.issues ? 200 : 404, keySet, {
        "cache-control": `public, max-age=${Math.ceil(settings.keySetMaxAgeMs / 1_000)}`,
      });
    default:
      return reply(response, 404, { error: "not found" });
  }
}

function login(body: string, response: ServerResponse): void {
  const { user, lifeMs = settings.tokenLifeMs } = Login.parse(JSON.parse(body));
  const token = keys.sign(user, lifeMs);
  if (token === undefined) return reply(response, 404, { error: "this service issues no tokens" });
  return reply(response, 200, { token, instance: id, lifeMs });
}

async function verify(request: IncomingMessage, response: ServerResponse, isTrial: boolean): Promise<void> {
  const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? "")?.[1];
  if (token === undefined) return refuse(response, "token", "none given", isTrial);
  const verdict = await keys.verify(token);
  if ("refused" in verdict) return refuse(response, "token", verdict.refused, isTrial);
  return reply(response, 200, { ...verdict, instance: id });
}

function internal(request: IncomingMessage, response: ServerResponse, isTrial: boolean): void {
  const given = request.headers["x-api-key"];
  if (typeof given !== "string" || given === "") return refuse(response, "service key", "none given", isTrial);
  if (!internalKeys.includes(given)) return refuse(response, "service key", "unknown key", isTrial);
  return reply(response, 200, { instance: id, keyId: fingerprint(given) });
}

/** Calls a peer with the service key of its own, and says what the peer answered. */
async function call(body: string, response: ServerResponse): Promise<void> {
  const { url } = Call.parse(JSON.parse(body));
  const [own = ""] = internalKeys;
  if (own === "") return reply(response, 503, { error: `${variables.internal} is not set` });
  const { status } = await ask(url, { headers: { "x-api-key": own } });
  return reply(response, 200, { instance: id, keyId: fingerprint(own), status });
}

const server = createServer((request, response) => {
  answer(request, response).catch((error: unknown) => {
    const known = error instanceof z.ZodError || error instanceof SyntaxError;
    log("WARN", `request failed: ${known ? "not as expected" : String(error)}`);
    if (!response.headersSent) reply(response, known ? 400 : 502, { error: "request failed" });
  });
});
server.keepAliveTimeout = 60_000;
server.on("error", (error) => {
  log("ERROR", `cannot listen: ${error.message}`);
  process.exit(1);
});
server.listen(settings.port, "127.0.0.1", () => log("INFO", `instance ${id} started`));

/** Stops accepting, finishes what is under way, ends; connections that are kept for more are not waited for. */
process.on("SIGTERM", () => {
  server.close(() => process.exit(0));
  setInterval(() => server.closeIdleConnections(), 20);
});

/** Whoever started it is gone. */
process.stdin.on("end", () => process.exit(0)).resume();
