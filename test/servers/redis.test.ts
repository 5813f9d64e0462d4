import { readFileSync } from "node:fs";
import { Redis as Client } from "ioredis";
import { afterEach, expect, it } from "vitest";
import { needs } from "./need.ts";
import { startRedis } from "./redis.ts";

const clients: Client[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.disconnect();
});

function clientOf(url: string): Client {
  const client = new Client(url, { retryStrategy: null, maxRetriesPerRequest: 0, enableReadyCheck: false });
  client.on("error", () => undefined);
  clients.push(client);
  return client;
}

needs("redis-server")("a Redis for tests", () => {
  it("takes requirepass and refuses a wrong password", async () => {
    await using redis = await startRedis({ requirepass: 'first "pass" word' });
    expect(await clientOf(redis.url).ping()).toBe("PONG");
    await expect(clientOf(redis.urlFor("default", "wrong")).ping()).rejects.toThrow();
    await expect(clientOf(`redis://127.0.0.1:${redis.port}`).ping()).rejects.toThrow(/NOAUTH/);
  });

  it("keeps users in an ACL file over a restart after ACL SAVE", async () => {
    await using redis = await startRedis({ aclFile: true, users: ["default on >root ~* &* +@all"] });
    const admin = clientOf(redis.urlFor("default", "root"));
    await admin.call("ACL", "SETUSER", "app", "on", ">secret", "~*", "+ping");
    await admin.call("ACL", "SAVE");
    admin.disconnect();
    await redis.restart();
    expect(await clientOf(redis.urlFor("app", "secret")).ping()).toBe("PONG");
    expect(readFileSync(redis.aclFile ?? "", "utf8")).toContain("user app on");
  });

  it("keeps users in redis.conf over a restart after CONFIG REWRITE", async () => {
    await using redis = await startRedis({ users: ["default on >root ~* &* +@all"] });
    expect(redis.aclFile).toBeUndefined();
    const admin = clientOf(redis.urlFor("default", "root"));
    await admin.call("ACL", "SETUSER", "app", "on", ">secret", "~*", "+ping");
    await admin.call("CONFIG", "REWRITE");
    admin.disconnect();
    await redis.restart();
    expect(await clientOf(redis.urlFor("app", "secret")).ping()).toBe("PONG");
    expect(readFileSync(redis.configFile, "utf8")).toContain("user app on");
  });

  it("replicates from another with a password", async () => {
    await using master = await startRedis({ requirepass: "shared" });
    await using replica = await startRedis({
      requirepass: "shared",
      replicaOf: { port: master.port, masterauth: "shared" },
    });
    await clientOf(master.url).set("key", "value");
    const reader = clientOf(replica.url);
    await expect.poll(() => reader.get("key"), { timeout: 30_000 }).toBe("value");
  });

  it("answers nothing while paused and goes on when resumed", async () => {
    await using redis = await startRedis();
    const client = clientOf(redis.url);
    await client.ping();
    redis.pause();
    let answered = false;
    const ping = client.ping().then((answer) => {
      answered = true;
      return answer;
    });
    await expect(fetch(`http://127.0.0.1:${redis.port}`, { signal: AbortSignal.timeout(300) })).rejects.toThrow(
      /timeout/,
    );
    expect(answered).toBe(false);
    redis.resume();
    expect(await ping).toBe("PONG");
  });

  it("can be stopped while paused, killed, and started again on the same port", async () => {
    await using redis = await startRedis();
    redis.pause();
    await redis.stop();
    expect(() => redis.pid()).toThrow("not running");
    await redis.restart();
    await redis.kill();
    await expect(clientOf(redis.url).ping()).rejects.toThrow();
    await redis.restart();
    expect(await clientOf(redis.url).ping()).toBe("PONG");
  });

  it("shows what the server said when it cannot start", async () => {
    await expect(startRedis({ config: ["no-such-directive 1"] })).rejects.toThrow(/Bad directive/);
  });
});
