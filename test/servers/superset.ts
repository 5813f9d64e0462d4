import { randomBytes } from "node:crypto";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { serverFolder } from "./own-folder.ts";
import { freePort } from "./port.ts";
import { pythonProgram } from "./program.ts";
import { type Server, startServer } from "./server.ts";

const root = { username: "root", password: "root-of-a-server-for-tests" };
const Token = z.object({ access_token: z.string() });
const Made = z.object({ id: z.int() });
const Role = z.object({ result: z.array(z.object({ id: z.int(), name: z.string() })) });

export type Superset = Server & {
  readonly url: string;
  /** Makes a user with this role; answers its id. */
  readonly addUser: (username: string, password: string, role: "Admin" | "Gamma") => Promise<number>;
  /** A user as Superset's own API shows it, as text. */
  readonly shown: (id: number) => Promise<string>;
  /** The status of a login: 200 or 401. */
  readonly logIn: (username: string, password: string) => Promise<number>;
};

/** Starts a real Superset on SQLite on a free loopback port, as ourselves: its Python may lie where others cannot enter. Takes about 10 s. */
export async function startSuperset(): Promise<Superset> {
  const { python, folder: scripts, home } = pythonProgram("superset");
  const port = await freePort();
  const folder = serverFolder("superset");
  copyFileSync(join(home, "superset.db"), join(folder, "superset.db"));
  const url = `http://127.0.0.1:${String(port)}`;
  const run = ["run", "-h", "127.0.0.1", "-p", String(port), "--with-threads", "--no-reload", "--no-debugger"];
  const server = await startServer({
    name: "superset",
    port,
    folder,
    command: python,
    args: ["-B", "-W", "ignore", join(scripts, "cli.py"), folder, ...run],
    asOurselves: true,
    answers: async () => (await fetch(`${url}/health`)).ok,
  });
  const post = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  const login = (who: typeof root): Promise<Response> =>
    post("/api/v1/security/login", { ...who, provider: "db", refresh: true });
  const { access_token: token } = Token.parse(await (await login(root)).json());
  const authorization = { authorization: `Bearer ${token}` };
  const get = async (path: string): Promise<string> =>
    (await fetch(`${url}${path}`, { headers: authorization })).text();
  const roles = Role.parse(JSON.parse(await get("/api/v1/security/roles/?q=(page_size:100)"))).result;
  return {
    ...server,
    url,
    addUser: async (username, password, role) => {
      const names = {
        username,
        first_name: username,
        last_name: "Test",
        email: `${username}@example.test`,
        active: true,
      };
      const wanted = roles.filter(({ name }) => name === role).map(({ id }) => id);
      const made = await post("/api/v1/security/users/", { ...names, password, roles: wanted }, authorization);
      return Made.parse(await made.json()).id;
    },
    shown: (id) => get(`/api/v1/security/users/${String(id)}`),
    logIn: async (username, password) => (await login({ username, password })).status,
  };
}

/** A password as a person would choose it, long enough for the server's rule. */
export function firstPassword(): string {
  return `first-password-${randomBytes(12).toString("hex")}`;
}
