/**
 * @module One instance of an application whose root administrator is managed by its deployment, as the0's is. It reads
 * THE0_ADMIN_EMAIL and THE0_ADMIN_PASSWORD when it starts, does not start without both or with a password that breaks its policy
 * (MIN_PASSWORD_LENGTH, default 8), and applies them to the accounts that all instances share (ACCOUNTS_FILE).
 *
 *     POST /api/v1/auth/login {email, password}     201 {success, data: {token}} or 401
 *     GET  /api/v1/auth/me  Authorization: Bearer   200 {success, data: {email}} or 401
 *     POST /api/v1/users/deactivate {email}         200 for a session of the root administrator, never for the root administrator itself
 *     GET  /health                                  200
 *
 * Listens on HOST (127.0.0.1) and PORT. With ENDS_WITH_STDIN it ends when whoever started it is gone.
 */
import { createServer, type IncomingMessage } from "node:http";
import { z } from "zod";
import { accountsIn } from "./admin-accounts.ts";
import { bodyOf, reply } from "./token-http.ts";

const Environment = z.object({
  THE0_ADMIN_EMAIL: z.string().default(""),
  THE0_ADMIN_PASSWORD: z.string().default(""),
  MIN_PASSWORD_LENGTH: z.coerce.number().default(8),
  ACCOUNTS_FILE: z.string(),
  HOST: z.string().default("127.0.0.1"),
  PORT: z.coerce.number(),
  ENDS_WITH_STDIN: z.string().optional(),
});
const Login = z.strictObject({ email: z.string(), password: z.string() });
const Named = z.strictObject({ email: z.string() });

const settings = Environment.parse(process.env);
const accounts = accountsIn(settings.ACCOUNTS_FILE);

function log(level: string, text: string): void {
  process.stdout.write(`${level} ${text}\n`);
}

/** Why it cannot start, or undefined. */
function wrongWith(email: string, password: string): string | undefined {
  if (email === "") return "THE0_ADMIN_EMAIL must be configured";
  if (!/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(email)) return "THE0_ADMIN_EMAIL must be a valid email address";
  if (password === "") return "THE0_ADMIN_PASSWORD must be configured";
  return password.length < settings.MIN_PASSWORD_LENGTH
    ? `THE0_ADMIN_PASSWORD is invalid: Password must be at least ${String(settings.MIN_PASSWORD_LENGTH)} characters long`
    : undefined;
}

async function answer(request: IncomingMessage): Promise<readonly [status: number, content: object]> {
  const body = request.method === "POST" ? jsonIn(await bodyOf(request)) : undefined;
  const [, token = ""] = /^Bearer (.+)$/.exec(request.headers.authorization ?? "") ?? [];
  switch (`${request.method ?? ""} ${request.url ?? ""}`) {
    case "GET /health":
      return [200, { status: "ok" }];
    case "POST /api/v1/auth/login": {
      const { email, password } = Login.parse(body);
      const opened = accounts.login(email, password);
      if (opened === undefined) {
        log("WARN", "login refused");
        return [401, { message: "Invalid credentials" }];
      }
      return [201, { success: true, data: { token: opened } }];
    }
    case "GET /api/v1/auth/me": {
      const email = accounts.whoIs(token);
      return email === undefined ? [401, { message: "Unauthorized" }] : [200, { success: true, data: { email } }];
    }
    case "POST /api/v1/users/deactivate": {
      const { email } = Named.parse(body);
      const root = settings.THE0_ADMIN_EMAIL;
      if (accounts.whoIs(token) !== root) return [401, { message: "Unauthorized" }];
      if (email === root) return [403, { message: "managed by the deployment" }];
      accounts.deactivate(email);
      return [200, { success: true }];
    }
    default:
      return [404, { message: "Not found" }];
  }
}

function jsonIn(text: string): unknown {
  return JSON.parse(text);
}

const wrong = wrongWith(settings.THE0_ADMIN_EMAIL, settings.THE0_ADMIN_PASSWORD);
if (wrong !== undefined) {
  log("ERROR", wrong);
  process.exit(1);
}
log("INFO", `root admin ${accounts.sync(settings.THE0_ADMIN_EMAIL, settings.THE0_ADMIN_PASSWORD)}`);

const server = createServer((request, response) => {
  answer(request).then(
    ([status, content]) => reply(response, status, content),
    () => reply(response, 400, { message: "Bad request" }),
  );
});
server.listen(settings.PORT, settings.HOST, () => log("INFO", "started"));
process.on("SIGTERM", () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
if (settings.ENDS_WITH_STDIN !== undefined) process.stdin.on("end", () => process.exit(0)).resume();
