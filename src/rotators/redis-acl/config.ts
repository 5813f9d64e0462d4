import { z } from "zod";

/** `redis://host:port` or `rediss://host:port`. A login in it would stand in the catalog, so it is refused. */
const RedisUrl = z.string().refine(isRedisUrl, {
  error: 'must be "redis://host:port" or "rediss://host:port", without a user, a password or a path',
});

const Reference = z
  .string()
  .regex(/^(env|file):.+/, { error: 'must be a reference such as "env:NAME" or "file:name"' });
const UserName = z.string().regex(/^[^\s"'#]+$/, { error: "must be a Redis user name without white space and quotes" });

const Tls = z.strictObject({
  /** PEM of the authority that signed the servers' certificates. */
  ca: Reference.exactOptional(),
  /** Client certificate and key, PEM. */
  cert: Reference.exactOptional(),
  key: Reference.exactOptional(),
  /** The name in the certificate, where it is not the host of the URL. */
  servername: z.string().exactOptional(),
});

const Sentinels = z.strictObject({
  urls: z.array(RedisUrl).min(1),
  /** The name that the Sentinels give to the master. */
  master: z.string().regex(/^\S+$/),
  /** The login at the Sentinels themselves. */
  username: UserName.exactOptional(),
  password: Reference.exactOptional(),
});

/**
 * The `rotator:` entry of a `redis-acl` target. `user`: two passwords on one user for a while. `users`: two named users
 * take turns. `replicationUser`: the replicas (masterauth) and the Sentinels (auth-pass) log in with this credential too.
 */
export const Config = z
  .strictObject({
    kind: z.literal("redis-acl"),
    url: RedisUrl,
    nodes: z.array(RedisUrl).exactOptional(),
    discover: z.enum(["replicas", "cluster"]).exactOptional(),
    sentinels: Sentinels.exactOptional(),
    admin: z.strictObject({ username: UserName.default("default"), password: Reference }),
    user: UserName.exactOptional(),
    users: z.tuple([UserName, UserName]).exactOptional(),
    replicationUser: z.boolean().default(false),
    /** `elsewhere`: somebody else writes users into the servers' files (a deployment tool), so nothing is saved there. */
    persist: z.enum(["server", "elsewhere"]).default("server"),
    tls: Tls.exactOptional(),
  })
  .superRefine((entry, context) => {
    for (const [path, message] of contradictions(entry)) context.addIssue({ code: "custom", path: [path], message });
  });
export type Config = z.infer<typeof Config>;

/** The users whose passwords a rotation may touch: one, or the two that take turns. */
export function principalsOf(config: Config): readonly string[] {
  return config.users ?? (config.user === undefined ? [] : [config.user]);
}

/** Whether two users take turns. */
export function alternates(config: Config): boolean {
  return config.users !== undefined;
}

function contradictions(entry: {
  readonly url: string;
  readonly user?: string | undefined;
  readonly users?: readonly [string, string] | undefined;
  readonly admin: { readonly username: string };
  readonly tls?: unknown;
}): [path: string, message: string][] {
  const found: [string, string][] = [];
  const names = [entry.user, ...(entry.users ?? [])].filter((name) => name !== undefined);
  if ((entry.user === undefined) === (entry.users === undefined)) {
    found.push(["user", 'write either "user" (two passwords on one user) or "users" (two users that take turns)']);
  }
  if (entry.users?.[0] !== undefined && entry.users[0] === entry.users[1]) {
    found.push(["users", "the two users must be different"]);
  }
  if (entry.users?.includes("default") === true) {
    found.push(["users", 'the user "default" cannot take turns: clients that send no name become it; name two others']);
  }
  if (names.includes(entry.admin.username)) {
    found.push([
      "admin",
      `the rotation of "${entry.admin.username}" would lock out its own administrator; name another user`,
    ]);
  }
  if (entry.tls !== undefined && entry.url.startsWith("redis://")) found.push(["tls", "needs a rediss:// URL"]);
  return found;
}

function isRedisUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  const bare = url.username === "" && url.password === "" && url.search === "" && url.hash === "";
  return (
    ["redis:", "rediss:"].includes(url.protocol) && url.hostname !== "" && bare && ["", "/"].includes(url.pathname)
  );
}
