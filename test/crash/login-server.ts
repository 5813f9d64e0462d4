/**
 * @module An application with users and an administration API, a process of its own: `login-server.ts PORT KEYTURN_PASSWORD
 * APP_PASSWORD [SET]`. What it knows is in memory. Strict: unknown members are a 400, a request without its token a 401.
 *
 *     POST /login {username, password}        200 or 401
 *     POST /admin/login {username, password}  200 {token} or 401; of `keyturn` only
 *     GET  /users?name=NAME                   200 {users: [{id, username}]}; the administrator only, as all below
 *     PUT  /users/ID {password}               200, and says what was sent, as carelessly as some do it
 *                                             With SET "refuses" a 400 and nothing is set; with "denies" it is set, and a 400 says no
 *     GET  /sets                              200 {sets: [{at, id, digest}]}: every password that was ever set here, as SHA-256
 *     GET  /health                            200
 */
import { createHash, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import { z } from "zod";
import { bodyOf, reply } from "../../sandbox/world/token-http.ts";

const [port = "", keyturn = "", app = "", set = ""] = process.argv.slice(2);
const Login = z.strictObject({ username: z.string(), password: z.string() });
const Change = z.strictObject({ password: z.string().min(12) });
const users = new Map([
  ["1", { username: "keyturn", password: keyturn }],
  ["7", { username: "app", password: app }],
  ["8", { username: "app-beside", password: keyturn }],
]);
const token = randomBytes(16).toString("hex");
const sets: { at: string; id: string; digest: string }[] = [];

type Answered = readonly [status: number, content: object];

async function answer(request: IncomingMessage): Promise<Answered> {
  const { method = "", headers } = request;
  const { pathname, searchParams } = new URL(request.url ?? "", "http://login");
  const text = await bodyOf(request);
  if (pathname === "/health") return [200, {}];
  if (method === "POST" && /^(\/admin)?\/login$/.test(pathname)) {
    const { username, password } = Login.parse(JSON.parse(text));
    const known = [...users.values()].some((user) => user.username === username && user.password === password);
    if (pathname === "/login") return [known ? 200 : 401, {}];
    return known && username === "keyturn" ? [200, { token }] : [401, {}];
  }
  if (headers.authorization !== `Bearer ${token}`) return [401, {}];
  if (method === "GET" && pathname === "/sets") return [200, { sets }];
  if (method === "GET" && pathname === "/users") {
    const name = searchParams.get("name") ?? "";
    const found = [...users].filter(([, { username }]) => username.startsWith(name));
    return [200, { users: found.map(([id, { username }]) => ({ id: Number(id), username })) }];
  }
  const [, id = ""] = /^\/users\/(\d+)$/.exec(pathname) ?? [];
  const user = users.get(id);
  if (method !== "PUT" || user === undefined) return [404, {}];
  const { password } = Change.parse(JSON.parse(text));
  if (set === "refuses") return [400, { message: `${password} was used before` }];
  users.set(id, { ...user, password });
  sets.push({ at: new Date().toISOString(), id, digest: createHash("sha256").update(password).digest("hex") });
  return [set === "denies" ? 400 : 200, { id: Number(id), username: user.username, password }];
}

// Whoever asks again after a pause does not meet the end of its own connection.
createServer({ keepAliveTimeout: 120_000 }, (request, response) => {
  answer(request).then(
    ([status, content]) => reply(response, status, content),
    () => reply(response, 400, {}),
  );
}).listen(Number(port), "127.0.0.1");
