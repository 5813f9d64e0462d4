// One pod of an application with a signing key, a key that it shares with others, and an administrator, all out of its environment
// as it was at the start. GET /me takes a bearer token signed with JWT_SECRET or JWT_SECRET_PREVIOUS (HS256), POST /login signs one;
// GET /internal takes the header x-api-key, POST /send shows the SHA-256 of the key it would send; POST /auth/login takes the
// administrator's password, GET /auth/me the session. GET /ready is 503 while FOLDER holds a file `unready-<pod>`.
import { createHash, createHmac } from "node:crypto";
import { existsSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { z } from "zod";

const env = z
  .object({
    FOLDER: z.string(),
    POD_NAME: z.string(),
    POD_IP: z.string(),
    PORT: z.coerce.number(),
    JWT_SECRET: z.string(),
    JWT_SECRET_PREVIOUS: z.string().optional(),
  })
  .parse(process.env);
const keys = [env.JWT_SECRET, env.JWT_SECRET_PREVIOUS].filter((key) => key !== undefined);

function macOf(input: string, key: string): string {
  return createHmac("sha256", key).update(input).digest("base64url");
}

function tokenOf(subject: string): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const input = `${part({ alg: "HS256", typ: "JWT" })}.${part({ sub: subject, exp: Math.floor(Date.now() / 1000) + 60 })}`;
  return `${input}.${macOf(input, env.JWT_SECRET)}`;
}

function isSigned(token: string): boolean {
  const [head = "", body = "", mark = ""] = token.split(".");
  return keys.some((key) => macOf(`${head}.${body}`, key) === mark);
}

function answer({ method, url, headers }: IncomingMessage, body: string): readonly [status: number, content: object] {
  const [, bearer = ""] = /^Bearer (.+)$/.exec(headers.authorization ?? "") ?? [];
  switch (`${String(method)} ${String(url)}`) {
    case "GET /ready":
      return [existsSync(join(env.FOLDER, `unready-${env.POD_NAME}`)) ? 503 : 200, {}];
    case "GET /me":
      return [isSigned(bearer) ? 200 : 401, {}];
    case "POST /login":
      return [200, { token: tokenOf("smoke") }];
    case "GET /internal":
      return [keys.some((key) => key === headers["x-api-key"]) ? 200 : 401, {}];
    case "POST /send":
      return [200, { sha256: createHash("sha256").update(env.JWT_SECRET).digest("hex") }];
    case "POST /auth/login": {
      const login = z.object({ email: z.string(), password: z.string() }).parse(JSON.parse(body));
      return login.password === env.JWT_SECRET ? [200, { token: macOf("session", env.JWT_SECRET) }] : [401, {}];
    }
    case "GET /auth/me":
      return [bearer === macOf("session", env.JWT_SECRET) ? 200 : 401, {}];
    default:
      return [404, {}];
  }
}

createServer((from, to) => {
  void text(from).then((body) => {
    const [status, content] = answer(from, body);
    to.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(content));
  });
}).listen(env.PORT, env.POD_IP);
