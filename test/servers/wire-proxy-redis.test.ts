import { Redis as Client } from "ioredis";
import { afterEach, beforeEach, expect, it } from "vitest";
import { needs } from "./need.ts";
import { startRedis } from "./redis.ts";
import { startWireProxy, type WireCommand, type WireProxy } from "./wire-proxy.ts";

const clients: Client[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.disconnect();
});

let protocol: 2 | 3 = 3;

function clientOn(port: number, login: { username?: string; password?: string } = {}): Client {
  const quiet = { retryStrategy: null, maxRetriesPerRequest: 0, enableReadyCheck: false, disableClientInfo: true };
  const client = new Client({ host: "127.0.0.1", port, protocol, ...quiet, ...login });
  client.on("error", () => undefined);
  clients.push(client);
  return client;
}

/** The commands that are no login. */
function seenOn(proxy: WireProxy): WireCommand[] {
  return proxy.commands().filter((command) => !/^(HELLO|AUTH)\b/.test(command.text));
}

needs("redis-server").each([2, 3] as const)("the wire proxy in front of Redis, protocol %i", (version) => {
  beforeEach(() => {
    protocol = version;
  });

  it("records each command with its outcome, in order, without secrets", async () => {
    await using redis = await startRedis({ users: ["default on >root ~* &* +@all"] });
    await using proxy = await startWireProxy({ protocol: "redis", port: redis.port });
    const admin = clientOn(proxy.port, { username: "default", password: "root" });
    await admin.call("acl", "SETUSER", "app", "on", ">canary", "~*", "+get");
    await admin.call("CONFIG", "SET", "masterauth", "canary");
    await expect(admin.call("LPUSH", "key")).rejects.toThrow(/wrong number/);
    await admin.set("key", "canary");
    await clientOn(proxy.port, { username: "app", password: "wrong" })
      .get("key")
      .catch(() => undefined);
    const app = clientOn(proxy.port, { username: "app", password: "canary" });
    expect(await app.get("key")).toBe("canary");
    const login = version === 2 ? "AUTH" : "HELLO 3 AUTH";
    const logins = proxy.commands().map(({ text, accepted }) => [text, accepted]);
    expect(logins).toContainEqual([`${login} default`, true]);
    expect(logins).toContainEqual([`${login} app`, false]);
    expect(logins).toContainEqual([`${login} app`, true]);
    const seen = seenOn(proxy).map(({ text, accepted, answer }) => [text, accepted, answer]);
    expect(seen.filter(([, , answer]) => answer !== "NOAUTH")).toEqual([
      ["ACL SETUSER app", true, "OK"],
      ["CONFIG SET masterauth", true, "OK"],
      ["LPUSH key", false, "ERR"],
      ["SET key", true, "OK"],
      ["GET key", true, "string"],
    ]);
    expect(JSON.stringify(proxy.commands())).not.toContain("canary");
    expect(proxy.commands().map((command) => command.index)).toEqual(proxy.commands().map((_, index) => index));
    proxy.reset();
    expect(proxy.commands()).toEqual([]);
  });

  it("matches answers to pipelined commands and carries values larger than any buffer", async () => {
    await using redis = await startRedis();
    await using proxy = await startWireProxy({ protocol: "redis", port: redis.port });
    const client = clientOn(proxy.port);
    const large = "x".repeat(20_000_000);
    const results = await client
      .pipeline()
      .set("large", large)
      .incr("large")
      .get("large")
      .hset("hash", { a: "1", b: "2" })
      .hgetall("hash")
      .incr("n")
      .exec();
    expect(results?.map(([error]) => error?.message.split(" ")[0])).toEqual([undefined, "ERR", ...Array(4)]);
    expect(results?.[2]?.[1] === large).toBe(true);
    expect(seenOn(proxy).map(({ text, answer }) => `${text}: ${answer ?? "none"}`)).toEqual([
      "SET large: OK",
      "INCR large: ERR",
      "GET large: string",
      "HSET hash: number",
      "HGETALL hash: array",
      "INCR n: number",
    ]);
  });

  it("does not count an aborted transaction as accepted", async () => {
    await using redis = await startRedis();
    await using proxy = await startWireProxy({ protocol: "redis", port: redis.port });
    const client = clientOn(proxy.port);
    await client.watch("key");
    await clientOn(redis.port).set("key", "other");
    expect(await client.multi().set("key", "mine").exec()).toBeNull();
    expect(seenOn(proxy).map(({ text, accepted }) => [text, accepted])).toEqual([
      ["WATCH key", true],
      ["MULTI", true],
      ["SET key", true],
      ["EXEC", false],
    ]);
  });

  it("holds a command, and what follows on its connection, until the hook answers", async () => {
    await using redis = await startRedis();
    await using proxy = await startWireProxy({ protocol: "redis", port: redis.port });
    const gate = Promise.withResolvers<undefined>();
    const arrived = Promise.withResolvers<string>();
    const remove = proxy.onCommand((command) => {
      if (command.text !== "INCR n") return undefined;
      arrived.resolve(command.text);
      return gate.promise;
    });
    const client = clientOn(proxy.port);
    await client.ping();
    const incremented = client.incr("n");
    const after = client.set("after", "1");
    expect(await arrived.promise).toBe("INCR n");
    const direct = clientOn(redis.port);
    expect(await direct.exists("n", "after")).toBe(0);
    expect(proxy.commands().at(-1)).toMatchObject({ text: "INCR n", forwarded: false, accepted: undefined });
    gate.resolve(undefined);
    expect([await incremented, await after]).toEqual([1, "OK"]);
    remove();
  });

  it("drops a connection before the command reaches the server", async () => {
    await using redis = await startRedis();
    await using proxy = await startWireProxy({ protocol: "redis", port: redis.port });
    proxy.onCommand((command) => (command.text === "INCR n" ? "drop" : "forward"));
    const client = clientOn(proxy.port);
    await client.ping();
    const results = await Promise.allSettled([client.incr("n"), client.set("after", "1")]);
    expect(results.map((result) => result.status)).toEqual(["rejected", "rejected"]);
    expect(await clientOn(redis.port).exists("n", "after")).toBe(0);
    expect(seenOn(proxy).map(({ text, forwarded }) => [text, forwarded])).toEqual([
      ["PING", true],
      ["INCR n", false],
    ]);
  });

  it("drops a connection after the effect and before the reply, and forwards nothing that was pipelined behind", async () => {
    await using redis = await startRedis();
    await using proxy = await startWireProxy({ protocol: "redis", port: redis.port });
    proxy.onCommand((command) => (command.text === "INCR n" ? "drop-reply" : "forward"));
    const client = clientOn(proxy.port);
    const results = await Promise.allSettled([client.set("first", "1"), client.incr("n"), client.set("after", "1")]);
    expect(results.map((result) => result.status)).toEqual(["fulfilled", "rejected", "rejected"]);
    const direct = clientOn(redis.port);
    expect([await direct.get("n"), await direct.get("after")]).toEqual(["1", null]);
    expect(seenOn(proxy).map(({ text, accepted }) => [text, accepted])).toEqual([
      ["SET first", true],
      ["INCR n", true],
    ]);
  });

  it("calls onReply when the effect is done and the client cannot know it, and may drop the answer", async () => {
    await using redis = await startRedis();
    await using proxy = await startWireProxy({ protocol: "redis", port: redis.port });
    const direct = clientOn(redis.port);
    const valueAtHook = Promise.withResolvers<string | null>();
    proxy.onReply(async (command) => {
      if (command.text !== "INCR n") return undefined;
      valueAtHook.resolve(command.accepted === true ? await direct.get("n") : null);
      return "drop";
    });
    await expect(clientOn(proxy.port).incr("n")).rejects.toThrow();
    expect(await valueAtHook.promise).toBe("1");
  });

  it("leaves subscriptions alone and claims nothing about their answers", async () => {
    await using redis = await startRedis();
    await using proxy = await startWireProxy({ protocol: "redis", port: redis.port });
    const subscriber = clientOn(proxy.port);
    const message = new Promise((resolve) => subscriber.once("message", (_, text) => resolve(text)));
    await subscriber.subscribe("news", "more");
    await clientOn(redis.port).publish("more", "hello");
    expect(await message).toBe("hello");
    expect(seenOn(proxy)).toMatchObject([{ text: "SUBSCRIBE news", forwarded: true, accepted: undefined }]);
  });

  it("reports a hook's error at its disposal and cuts the connection", async () => {
    await using redis = await startRedis();
    const proxy = await startWireProxy({ protocol: "redis", port: redis.port });
    proxy.onCommand(() => {
      throw new Error("hook is wrong");
    });
    await expect(clientOn(proxy.port).ping()).rejects.toThrow();
    await expect(proxy[Symbol.asyncDispose]()).rejects.toThrow("hooks of the wire proxy failed");
  });
});
