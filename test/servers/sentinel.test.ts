import { Redis as Client } from "ioredis";
import { afterEach, expect, it } from "vitest";
import { needs } from "./need.ts";
import { startRedis } from "./redis.ts";
import { startSentinel } from "./sentinel.ts";

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

async function flagsOfMaster(client: Client, name: string): Promise<unknown> {
  const fields: unknown = await client.call("SENTINEL", "MASTER", name);
  return Array.isArray(fields) ? fields[fields.indexOf("flags") + 1] : undefined;
}

needs("redis-server", "redis-sentinel")("a Sentinel for tests", () => {
  it("sees a master with a password as healthy, and its replica", async () => {
    await using master = await startRedis({ requirepass: "shared" });
    await using replica = await startRedis({
      requirepass: "shared",
      replicaOf: { port: master.port, masterauth: "shared" },
    });
    await using sentinel = await startSentinel({ master: { port: master.port, authPass: "shared" } });
    const client = clientOf(sentinel.url);
    await expect.poll(() => flagsOfMaster(client, sentinel.masterName), { timeout: 30_000 }).toBe("master");
    await expect
      .poll(() => client.call("SENTINEL", "REPLICAS", sentinel.masterName).then(JSON.stringify), { timeout: 30_000 })
      .toContain(`127.0.0.1:${replica.port}`);
  });

  it("logs in to the master as an ACL user, and sees it down when that password goes", async () => {
    const rules = "+multi +slaveof +ping +exec +subscribe +config|rewrite +role +publish +info +client +script|kill &*";
    await using master = await startRedis({ users: ["default on >root ~* &* +@all", `watcher on >first ${rules}`] });
    await using sentinel = await startSentinel({
      master: { port: master.port, authUser: "watcher", authPass: "first" },
    });
    const client = clientOf(sentinel.url);
    await expect.poll(() => flagsOfMaster(client, sentinel.masterName), { timeout: 30_000 }).toBe("master");
    const admin = clientOf(master.urlFor("default", "root"));
    await admin.call("ACL", "SETUSER", "watcher", "<first", ">second");
    await admin.call("CLIENT", "KILL", "USER", "watcher");
    await expect
      .poll(() => flagsOfMaster(client, sentinel.masterName), { timeout: 30_000 })
      .toMatch(/s_down|disconnected/);
    await client.call("SENTINEL", "SET", sentinel.masterName, "auth-pass", "second");
    await expect.poll(() => flagsOfMaster(client, sentinel.masterName), { timeout: 30_000 }).toBe("master");
  });

  it("refuses a wrong password of its own", async () => {
    await using master = await startRedis();
    await using sentinel = await startSentinel({ master: { port: master.port }, requirepass: "guarded" });
    expect(await clientOf(sentinel.url).ping()).toBe("PONG");
    await expect(clientOf(`redis://:wrong@127.0.0.1:${sentinel.port}`).ping()).rejects.toThrow();
  });
});
