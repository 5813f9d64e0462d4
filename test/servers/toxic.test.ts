import { Redis as Client } from "ioredis";
import { afterEach, expect, it } from "vitest";
import { needs } from "./need.ts";
import { startRedis } from "./redis.ts";
import { startToxic } from "./toxic.ts";

const clients: Client[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.disconnect();
});

function clientOn(port: number): Client {
  const client = new Client(port, "127.0.0.1", { retryStrategy: null, maxRetriesPerRequest: 0, lazyConnect: true });
  client.on("error", () => undefined);
  clients.push(client);
  return client;
}

function errorOf(client: Client): Promise<unknown> {
  return new Promise((resolve) => {
    client.once("error", resolve);
    client.connect().catch(() => undefined);
  });
}

needs("redis-server")("a forwarder with outages", () => {
  it("forwards when there is none, and counts connections", async () => {
    await using redis = await startRedis();
    await using toxic = await startToxic(redis.port);
    expect(await clientOn(toxic.port).ping()).toBe("PONG");
    expect(await clientOn(toxic.port).ping()).toBe("PONG");
    expect(toxic.connections()).toBe(2);
  });

  it("refuses new connections, cuts open ones, and comes back on the same port", async () => {
    await using redis = await startRedis();
    await using toxic = await startToxic(redis.port);
    const open = clientOn(toxic.port);
    await open.ping();
    const cut = new Promise((resolve) => open.once("close", resolve));
    await toxic.set("refuse");
    await cut;
    expect(await errorOf(clientOn(toxic.port))).toMatchObject({ code: "ECONNREFUSED" });
    await toxic.set("none");
    expect(await clientOn(toxic.port).ping()).toBe("PONG");
  });

  it("resets open and new connections", async () => {
    await using redis = await startRedis();
    await using toxic = await startToxic(redis.port);
    const open = clientOn(toxic.port);
    await open.ping();
    const cut = new Promise((resolve) => open.once("error", resolve));
    await toxic.set("reset");
    expect(await cut).toMatchObject({ code: "ECONNRESET" });
    expect(await errorOf(clientOn(toxic.port))).toMatchObject({ code: "ECONNRESET" });
  });

  it("holds everything back in a blackhole and lets it pass afterwards", async () => {
    await using redis = await startRedis();
    await using toxic = await startToxic(redis.port);
    const writer = clientOn(toxic.port);
    await writer.ping();
    await toxic.set("blackhole");
    const held = writer.set("key", "value");
    const late = clientOn(toxic.port);
    let answers = 0;
    const heldToo = late.ping().finally(() => {
      answers += 1;
    });
    await expect.poll(() => toxic.connections()).toBe(2);
    const direct = clientOn(redis.port);
    for (let turn = 0; turn < 200; turn += 1) expect(await direct.get("key")).toBeNull();
    expect(answers).toBe(0);
    await toxic.set("none");
    expect(await held).toBe("OK");
    expect(await heldToo).toBe("PONG");
    expect(await direct.get("key")).toBe("value");
  });
});
