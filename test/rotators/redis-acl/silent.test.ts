import { once } from "node:events";
import { createServer, connect as openSocket } from "node:net";
import { inspect } from "node:util";
import { expect, it } from "vitest";
import { KeyturnError } from "../../../src/core/errors.ts";
import { Secret } from "../../../src/core/secret.ts";
import { addressOf } from "../../../src/rotators/redis-acl/address.ts";
import { connect } from "../../../src/rotators/redis-acl/connection.ts";
import { aclHash } from "../../../src/rotators/redis-acl/generation.ts";
import { needs } from "../../servers/need.ts";
import { freePort } from "../../servers/port.ts";
import { type Redis, startRedis } from "../../servers/redis.ts";
import { adminUser, appUser, codesOf, issueOf, openTarget } from "./target.ts";
import { defaultUser, passwords, rootOf, rootPassword, rootUser } from "./world.ts";

const users = [rootUser, defaultUser, adminUser, appUser];

/** Passes everything on, and keeps what clients sent. */
async function listenIn(
  server: Redis,
): Promise<AsyncDisposable & { readonly port: number; readonly heard: () => string }> {
  const port = await freePort();
  const chunks: Buffer[] = [];
  const listener = createServer((client) => {
    const upstream = openSocket({ host: "127.0.0.1", port: server.port });
    client.on("data", (chunk: Buffer) => chunks.push(chunk));
    client.on("error", () => upstream.destroy());
    upstream.on("error", () => client.destroy());
    client.pipe(upstream).pipe(client);
  });
  await once(listener.listen(port, "127.0.0.1"), "listening");
  return {
    port,
    heard: () => Buffer.concat(chunks).toString("latin1"),
    [Symbol.asyncDispose]: async () => {
      const closed = once(listener, "close");
      listener.close();
      await closed;
    },
  };
}

needs("redis-server")("redis-acl is silent", () => {
  it("shows the server only the hash of the new password, and no plain text in MONITOR, SLOWLOG or ACL LOG", async () => {
    await using redis = await startRedis({ aclFile: true, users, config: ["slowlog-log-slower-than 0"] });
    await using wire = await listenIn(redis);
    const root = rootOf(redis);
    const seen: string[] = [];
    const monitor = await root.monitor();
    monitor.on("monitor", (_time: string, words: string[]) => seen.push(words.join(" ")));
    const opened = await openTarget(wire);
    const word = opened.proposed.secret["password"]?.reveal() ?? "";

    const pending = await issueOf(opened);
    await opened.issuer.disable?.(opened.current.ref);
    await opened.issuer.enable?.(opened.current);
    await opened.issuer.revoke(opened.current.ref);
    await opened.issuer.list();
    const sent = wire.heard();
    expect(sent).toContain(`#${aclHash(new Secret(word))}`);
    expect(sent).not.toContain(word);
    expect(sent).not.toContain(passwords.current);

    await opened.issuer.test(pending);
    await opened.issuer.test(opened.current);
    expect(wire.heard()).toContain(word);
    await opened.issuer.close();
    await root.call("PING", "last");
    await expect.poll(() => seen.join("\n")).toContain("last");
    const told = inspect([seen, await root.call("SLOWLOG", "GET", "1000"), await root.call("ACL", "LOG")], {
      depth: 9,
      maxArrayLength: null,
      maxStringLength: null,
    });
    expect(told).toContain("PING");
    for (const secret of [word, passwords.current, passwords.admin]) expect(told).not.toContain(secret);
    monitor.disconnect();
    root.disconnect();
  });

  it.each([
    ["an unknown command", ["NOSUCH"]],
    ["a rule that it does not understand", ["ACL", "SETUSER", "app"]],
    ["a setting that it does not know", ["CONFIG", "SET", "no-such-setting"]],
  ] as const)("keeps out of its errors what a server echoes: %s", async (_name, words) => {
    await using redis = await startRedis({ aclFile: true, users });
    const signal = new AbortController().signal;
    const connection = await connect(addressOf(`redis://127.0.0.1:${redis.port}`), undefined, signal);
    await connection.call("AUTH", "root", rootPassword);
    const [command, ...rest] = words;

    const raw: unknown = await connection.raw(command, ...rest, passwords.current).catch((error: unknown) => error);
    const told: unknown = await connection.call(command, ...rest, passwords.current).catch((error: unknown) => error);

    expect(inspect(raw, { depth: 9 })).toContain(passwords.current);
    expect(told).toBeInstanceOf(KeyturnError);
    expect(inspect(told, { depth: 9, showHidden: true })).not.toContain(passwords.current);
    connection.close();
  });

  it("gives generations that two users with one password do not share, and that are no prefix of its hash", async () => {
    await using redis = await startRedis({
      aclFile: true,
      users: [...users, `app_b on >${passwords.current} ~* &* +@all -@dangerous`],
    });
    const opened = await openTarget(redis, { users: ["app", "app_b"] });
    const generations = (await opened.issuer.list()).map(({ ref }) => ref.generation);
    expect(new Set(generations).size).toBe(2);
    expect(generations.some((each) => aclHash(new Secret(passwords.current)).startsWith(each.slice(0, 6)))).toBe(false);
    expect(await codesOf(opened.issuer, opened.current)).toEqual(["error user_not_vacant"]);
    await opened.issuer.close();
  });
});
