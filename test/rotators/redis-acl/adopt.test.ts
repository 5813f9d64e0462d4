import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import type { Context } from "../../../src/core/ports.ts";
import { Secret } from "../../../src/core/secret.ts";
import type { AdoptStep } from "../../../src/rotators/redis-acl/adopt.ts";
import { adoptRedisAcl } from "../../../src/rotators/redis-acl/adoption.ts";
import { needs } from "../../servers/need.ts";
import { type Redis, type RedisOptions, startRedis } from "../../servers/redis.ts";
import { codesOf, issueOf, openTarget } from "./target.ts";
import { clientOf, passwords, rootUser } from "./world.ts";

const run = promisify(execFile);
const context: Context = {
  session: { rotationId: "adopt", epoch: 1, name: "keyturn:adopt:1", guard: () => undefined },
  signal: new AbortController().signal,
  resolve: async () => new Secret(passwords.admin),
};
const present = { username: "default", password: new Secret(passwords.current) };

function entryOf(server: Redis, users: Record<string, unknown>): Record<string, unknown> {
  const admin = { username: "keyturn", password: "env:REDIS_ADMIN" };
  return { kind: "redis-acl", url: `redis://127.0.0.1:${server.port}`, admin, ...users };
}

async function paste(commands: readonly string[]): Promise<void> {
  const env = {
    PATH: process.env["PATH"] ?? "",
    REDISCLI_AUTH: passwords.current,
    KEYTURN_REDIS_PASSWORD: passwords.admin,
  };
  for (const command of commands) {
    const { stdout } = await run("sh", ["-ec", command], { env });
    expect(stdout).toMatch(/^(OK|1)\n$/);
  }
}

type Login = readonly [username: string, password: string];
type Traffic = {
  /** Gives the application another login; resolves when it has come back with it. */
  readonly reload: (login: Login) => Promise<void>;
  readonly stop: () => Promise<{ readonly refused: number; readonly accepted: number }>;
};

/** An application that logs in all the time and writes, with the login it is given. */
function traffic(server: Redis, login: Login): Traffic {
  let wanted = login;
  let used = login;
  let going = true;
  const count = { refused: 0, accepted: 0 };
  const loop = (async () => {
    while (going) {
      const trying = wanted;
      const client = clientOf(server.urlFor(...trying));
      count[(await client.set("key", "value").catch(() => "refused")) === "OK" ? "accepted" : "refused"] += 1;
      client.disconnect();
      used = trying;
    }
  })();
  return {
    reload: async (next) => {
      wanted = next;
      await expect.poll(() => used).toBe(next);
    },
    stop: async () => {
      going = false;
      await loop;
      return count;
    },
  };
}

const pasteable = (steps: readonly AdoptStep[]): string[] =>
  steps.filter((step) => !step.title.startsWith("Last")).flatMap((step) => step.commands);

needs("redis-server")("keyturn adopt on a Redis with only requirepass", () => {
  const kinds: ReadonlyArray<readonly [string, RedisOptions, Record<string, unknown>]> = [
    ["the user default, by its hashes", { requirepass: passwords.current }, { user: "default" }],
    ["a named user", { requirepass: passwords.current }, { user: "app" }],
    ["two users that take turns", { requirepass: passwords.current }, { users: ["app_a", "app_b"] }],
    [
      "a named user, ACL file",
      { aclFile: true, users: [`default on >${passwords.current} ~* &* +@all`] },
      { user: "app" },
    ],
  ];
  it.each(kinds)("prints commands after which it rotates, and refuses nobody: %s", async (_name, options, users) => {
    await using server = await startRedis(options);
    const entry = entryOf(server, users);
    const steps = await adoptRedisAcl(entry, context, present);
    expect(JSON.stringify(steps)).not.toMatch(/Canary|[0-9a-f]{64}/);
    const before = traffic(server, ["default", passwords.current]);

    await paste(pasteable(steps));

    expect(await before.stop()).toMatchObject({ refused: 0 });

    expect(pasteable(await adoptRedisAcl(entry, context, present))).toEqual([]);
    await server.restart();
    const { url: _url, kind: _kind, ...rest } = entry;
    const name = String("users" in users ? "app_a" : users["user"]);
    const opened = await openTarget(server, rest, { username: name });
    expect((await codesOf(opened.issuer, opened.current)).filter((code) => code.startsWith("error"))).toEqual([]);
    const apps = traffic(server, [name, passwords.current]);
    const pending = await issueOf(opened);
    await apps.reload([pending.ref.principal, pending.secret["password"]?.reveal() ?? ""]);
    await opened.issuer.disable?.(opened.current.ref);
    await opened.issuer.revoke(opened.current.ref);
    expect(await opened.issuer.test(opened.current)).toMatchObject({ verdict: "refused" });
    expect(await opened.issuer.test(pending)).toMatchObject({ verdict: "accepted" });
    await opened.issuer.close();
    const { refused, accepted } = await apps.stop();
    expect(refused).toBe(0);
    expect(accepted).toBeGreaterThan(0);
  });

  it("names the last step, which refuses clients without a name, and can be taken back", async () => {
    await using server = await startRedis({ requirepass: passwords.current });
    const entry = entryOf(server, { user: "app" });
    const steps = await adoptRedisAcl(entry, context, present);
    await paste(pasteable(steps));
    const last = steps.find((step) => step.title.startsWith("Last"));
    expect(last?.effect).toBe("refuses some");

    await paste(last?.commands ?? []);
    await expect(clientOf(server.urlFor("default", passwords.current)).ping()).rejects.toThrow();
    expect((await adoptRedisAcl(entry, context, present)).flatMap((step) => step.commands)).toEqual([]);
    await paste(last?.undo ?? []);
    expect(await clientOf(server.urlFor("default", passwords.current)).ping()).toBe("PONG");
  });

  it("closes a server that requirepass does not close", async () => {
    await using server = await startRedis({ aclFile: true, requirepass: passwords.current, users: [rootUser] });
    const entry = entryOf(server, { user: "app" });
    const steps = await adoptRedisAcl(entry, context, present);
    expect(steps[0]).toMatchObject({
      effect: "refuses some",
      title: expect.stringContaining("Close the open user default"),
    });

    await paste(pasteable(steps));

    await expect(clientOf(server.urlFor("default", "anything")).ping()).rejects.toThrow();
    expect(await clientOf(server.urlFor("default", passwords.current)).ping()).toBe("PONG");
  });
});
