/**
 * @module One instance of an application that logs in elsewhere ten times a second with APP_USERNAME and APP_PASSWORD, as it was
 * given them when it started. LOGIN_URL takes them as JSON: 200, or 401, which goes to the log.
 *
 *     GET /health    200 while the last login was let in, else 503
 *
 * Listens on PORT. With ENDS_WITH_STDIN it ends when whoever started it is gone.
 */
import { createServer } from "node:http";
import { z } from "zod";
import { ask, reply } from "../../sandbox/world/token-http.ts";

const Environment = z.object({
  APP_USERNAME: z.string(),
  APP_PASSWORD: z.string(),
  LOGIN_URL: z.string(),
  PORT: z.coerce.number(),
  ENDS_WITH_STDIN: z.string().optional(),
});

const settings = Environment.parse(process.env);
const login = {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ username: settings.APP_USERNAME, password: settings.APP_PASSWORD }),
};
const everyMs = 100;
let status = 0;

async function logIn(): Promise<void> {
  status = await ask(settings.LOGIN_URL, login).then(
    (answer) => answer.status,
    () => 0,
  );
  if (status === 401) process.stdout.write(`${new Date().toISOString()} ERROR auth error: login refused\n`);
  setTimeout(() => void logIn(), everyMs);
}

const server = createServer((_request, response) => reply(response, status === 200 ? 200 : 503, {}));
server.listen(settings.PORT, "127.0.0.1");
void logIn();
process.on("SIGTERM", () => process.exit(0));
if (settings.ENDS_WITH_STDIN !== undefined) process.stdin.on("end", () => process.exit(0)).resume();
