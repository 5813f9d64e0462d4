import { randomBytes } from "node:crypto";
import type { Redis as Client } from "ioredis";
import { z } from "zod";
import { nodeRights } from "../../src/rotators/redis-acl/rights.ts";
import { clientOf, rootOf } from "../rotators/redis-acl/world.ts";
import type { Redis } from "../servers/redis.ts";
import type { Target } from "./target.ts";

const User = z
  .tuple([z.literal("flags"), z.array(z.string()), z.literal("passwords"), z.array(z.string())])
  .rest(z.unknown());

/** Users of their own on a shared server: one with two passwords for a while, or two that take turns. */
export async function redisTarget(
  server: Redis,
  mode: "two passwords" | "two users",
  proxyPort: number,
): Promise<Target> {
  const tag = randomBytes(3).toString("hex");
  const admin = `admin_${tag}`;
  const users = mode === "two users" ? [`crash_${tag}_a`, `crash_${tag}_b`] : [`crash_${tag}_a`];
  const [first = ""] = users;
  const [password, adminPassword] = [randomBytes(12).toString("hex"), randomBytes(12).toString("hex")];
  const root = rootOf(server);
  await root.call("ACL", "SETUSER", admin, "on", `>${adminPassword}`, "resetchannels", "-@all", ...nodeRights);
  for (const user of users) await root.call("ACL", "SETUSER", user, "resetpass", "~*", "&*", "+@all", "-@dangerous");
  await root.call("ACL", "SETUSER", first, "on", `>${password}`);
  await root.call("ACL", "SAVE");
  root.disconnect();
  return {
    kind: "redis",
    overlap: "dual",
    rotator: {
      kind: "redis-acl",
      url: `redis://127.0.0.1:${proxyPort}`,
      admin: { username: admin, password: "env:ADMIN" },
      ...(mode === "two users" ? { users } : { user: first }),
    },
    template: `redis://{{username|url}}:{{password|url}}@127.0.0.1:${server.port}`,
    firstUrl: server.urlFor(first, password),
    adminPassword,
    names: [...users, admin],
    look: async () => {
      const client = rootOf(server);
      const found = [];
      for (const name of users) found.push({ name, ...(await readUser(client, name)) });
      client.disconnect();
      return {
        live: found.filter(({ on, hashes }) => on && hashes > 0).map(({ name }) => name),
        passwords: found.reduce((sum, { hashes }) => sum + hashes, 0),
      };
    },
    accepts: async (url) => {
      const client = clientOf(url);
      try {
        return (await client.ping()) === "PONG";
      } catch {
        return false;
      } finally {
        client.disconnect();
      }
    },
  };
}

async function readUser(client: Client, name: string): Promise<{ readonly on: boolean; readonly hashes: number }> {
  const [, flags, , hashes] = User.parse(await client.call("ACL", "GETUSER", name));
  return { on: flags.includes("on"), hashes: hashes.length };
}
