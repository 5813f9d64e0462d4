import { randomUUID } from "node:crypto";
import { Redis as Client } from "ioredis";
import type { Credential } from "../../../src/core/credential.ts";
import { Secret } from "../../../src/core/secret.ts";
import { nodeRights } from "../../../src/rotators/redis-acl/rights.ts";
import { redisAcl } from "../../../src/rotators/redis-acl/rotator.ts";
import type { RotatorWorld } from "../../contract/rotator.ts";
import { wireThrough } from "../../contract/wire-through.ts";
import type { Redis } from "../../servers/redis.ts";

type Options = {
  readonly mode: "one user" | "two users" | "default user";
  readonly servers: readonly Redis[];
  readonly entry?: Readonly<Record<string, unknown>>;
};

export const rootPassword = "Canary-of-root-0";
export const rootUser = `root on >${rootPassword} ~* &* +@all`;
export const defaultUser = "default on >Canary-of-default-4 ~* &* +@all";
export const alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789-_";
export const passwords = {
  current: "Canary-of-the-current-1",
  admin: "Canary-of-the-admin-2",
  stranger: "Canary-of-a-stranger-3",
};

/** A target on real servers with users of its own: an application's user (or two), and an admin with the documented rights. */
export async function makeWorld(options: Options): Promise<RotatorWorld & { readonly users: readonly string[] }> {
  const tag = randomUUID().slice(0, 8);
  const [admin, stranger] = [`adm_${tag}`, `str_${tag}`];
  const users = {
    "one user": [`app_${tag}`],
    "two users": [`app_${tag}_a`, `app_${tag}_b`],
    "default user": ["default"],
  };
  const names = users[options.mode];
  const [current = ""] = names;
  const roots = options.servers.map((server) => rootOf(server));
  for (const root of roots) {
    await root.call("ACL", "SETUSER", admin, "on", `>${passwords.admin}`, "resetchannels", "-@all", ...nodeRights);
    await root.call("ACL", "SETUSER", stranger, "on", `>${passwords.stranger}`, "~*", "+@all");
    for (const name of names) await root.call("ACL", "SETUSER", name, "resetpass", "~*", "&*", "+@all", "-@dangerous");
    await root.call("ACL", "SETUSER", current, "on", `>${passwords.current}`);
  }
  const gateways = await wireThrough(
    "redis",
    options.servers.map(({ port }) => port),
  );
  const [url, ...nodes] = gateways.ports.map((port) => `redis://127.0.0.1:${port}`);
  const bound = redisAcl.bind({
    kind: "redis-acl",
    url,
    ...(nodes.length === 0 ? {} : { nodes }),
    admin: { username: admin, password: "env:REDIS_ADMIN" },
    ...(names.length === 2 ? { users: names } : { user: current }),
    ...options.entry,
  });
  const others = (line: string): boolean => !names.some((name) => line.startsWith(`user ${name} `));
  return {
    users: names,
    bound,
    resolve: async () => new Secret(passwords.admin),
    current: fields(current, passwords.current),
    foreign: fields(stranger, passwords.stranger),
    alphabet,
    canaries: [passwords.admin, passwords.stranger, rootPassword],
    wire: gateways.wire,
    strangers: async () =>
      JSON.stringify(
        await Promise.all(
          roots.map(async (root) => [
            await root.call("ACL", "LIST").then((lines) => texts(lines).filter(others)),
            await root.config("GET", "*auth*"),
          ]),
        ),
      ),
    loginAs: async (credential, sessionName) => {
      const session = await stayConnected(options.servers[0], credential);
      await session.client.client("SETNAME", sessionName);
      return session;
    },
    weaken: async () => {
      for (const root of roots)
        await root.call("ACL", "SETUSER", admin, "-acl|setuser", "-acl|save", "-config|rewrite");
    },
    login: (credential) => stayConnected(options.servers[0], credential),
    close: async () => {
      await gateways.close();
      for (const root of roots) {
        for (const name of [admin, stranger, ...names]) if (name !== "default") await root.call("ACL", "DELUSER", name);
        if (names.includes("default"))
          await root.call("ACL", "SETUSER", "default", "resetpass", ">Canary-of-default-4");
        root.disconnect();
      }
    },
  };
}

export function fields(username: string, password: string): Pick<Credential, "public" | "secret"> {
  return { public: { username }, secret: { password: new Secret(password) } };
}

/** A client for the test's own looks: no retries, errors as rejections. */
export function clientOf(url: string): Client {
  const client = new Client(url, {
    retryStrategy: null,
    maxRetriesPerRequest: 0,
    enableReadyCheck: false,
    protocol: 2,
    disableClientInfo: true,
  });
  client.on("error", () => undefined);
  return client;
}

export function rootOf(server: Redis): Client {
  return clientOf(server.urlFor("root", rootPassword));
}

/** An application that logs in, and stays. */
export async function stayConnected(
  server: Redis | undefined,
  credential: Pick<Credential, "public" | "secret">,
): Promise<{ readonly client: Client; readonly close: () => Promise<void> }> {
  if (server === undefined) throw new Error("a world needs a server");
  const client = clientOf(
    server.urlFor(credential.public["username"] ?? "default", credential.secret["password"]?.reveal() ?? ""),
  );
  await client.ping();
  return {
    client,
    close: async () => {
      if (client.status !== "ready") return;
      const ended = new Promise((resolve) => client.once("end", resolve));
      await client.quit().catch(() => undefined);
      await ended;
    },
  };
}

export function texts(reply: unknown): string[] {
  return Array.isArray(reply) ? reply.map(String) : [String(reply)];
}
