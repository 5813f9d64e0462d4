import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { freshSecret } from "../../sandbox/world/token-first-values.ts";
import { fingerprint } from "../../sandbox/world/token-keys.ts";
import { startTokenWorld, type TokenWorld, type TokenWorldOptions } from "../../sandbox/world/token-world.ts";

it("signs with the first key, accepts both, and says which key it was", async () => {
  const [first, second] = [freshSecret(), freshSecret()];
  await withWorld({ instances: 2, values: { JWT_SECRET: first } }, async (world) => {
    const [one, two] = urlsOf(world);
    const old = await login(one);
    expect(await me(two, old)).toMatchObject({
      status: 200,
      user: "ada",
      instance: "api-2",
      keyId: fingerprint(first),
    });
    await world.rewrite({ JWT_SECRET: second, JWT_SECRET_PREVIOUS: first });
    await world.restart("api-1");
    const fresh = await login(one);
    expect(await me(one, old)).toMatchObject({ status: 200, keyId: fingerprint(first) });
    expect(await me(one, fresh)).toMatchObject({ status: 200, keyId: fingerprint(second) });
    expect(await me(two, fresh)).toMatchObject({ status: 401, error: "token refused: unknown key" });
    expect(await logOf(world, "api-2")).toMatch(/ERROR auth error: token refused: unknown key/);
  });
});

it("an instance that ignores the previous-variable refuses what the new key signs in the first phase", async () => {
  const [old, next] = [freshSecret(), freshSecret()];
  await withWorld({ instances: 2, ignoresPrevious: ["api-2"], values: { JWT_SECRET: old } }, async (world) => {
    await world.rewrite({ JWT_SECRET_PREVIOUS: next, INTERNAL_SERVICE_KEY_PREVIOUS: next });
    await world.roll(0);
    await world.rewrite({ JWT_SECRET: next });
    await world.restart("api-1");
    const [one, two] = urlsOf(world);
    const token = await login(one);
    expect(await me(two, token)).toMatchObject({ status: 401 });
    expect(await internal(one, next)).toBe(200);
    expect(await internal(two, next)).toBe(401);
  });
});

it("refuses a token that is over, one that is none, and nobody's service key; a trial leaves no error in the log", async () => {
  await withWorld({ instances: 1, tokenLifeMs: 1_000 }, async (world) => {
    const [one] = urlsOf(world);
    const token = await login(one);
    expect(await me(one, token, "/canary")).toMatchObject({ status: 200 });
    await expect.poll(() => me(one, token, "/canary"), { timeout: 5_000 }).toMatchObject({ status: 401 });
    expect(await me(one, "nothing", "/canary")).toMatchObject({ status: 401 });
    expect(await internal(one, "nobody", "/internal-canary")).toBe(401);
    expect(await logOf(world, "api-1")).not.toContain("auth error");
    expect(await me(one, token)).toMatchObject({ status: 401, error: "token refused: expired" });
    expect(await internal(one, "nobody")).toBe(401);
    expect(await logOf(world, "api-1")).toMatch(
      /auth error: token refused: expired[^]*auth error: service key refused/,
    );
  });
});

it("each calls a peer with its own service key and says what the peer answered; no secret is in a log", async () => {
  await withWorld({ services: ["orders", "stock"], instances: 1 }, async (world) => {
    const [orders, stock] = urlsOf(world);
    const call = async (): Promise<unknown> => {
      const answer = await fetch(`${orders}/call`, {
        method: "POST",
        body: JSON.stringify({ url: `${stock}/internal` }),
      });
      return await answer.json();
    };
    expect(await call()).toMatchObject({ instance: "orders-1", status: 200 });
    const next = freshSecret();
    await world.rewrite({ INTERNAL_SERVICE_KEY: next }, ["stock"]);
    await world.restart("stock-1");
    expect(await call()).toMatchObject({ status: 401 });
    const logs = `${await logOf(world, "orders-1")}${await logOf(world, "stock-1")}`;
    for (const value of Object.values({ ...(await world.values("orders")), ...(await world.values("stock")) })) {
      expect(logs).not.toContain(value);
    }
  });
});

it("commands restart an instance and print since when it runs, while it does; one that cannot start makes its command fail", async () => {
  await withWorld({ instances: 2 }, async (world) => {
    const before = await printed(world.startedCommand("api-2"));
    const other = await printed(world.startedCommand("api-1"));
    await printed(world.restartCommand("api-2"));
    expect(Date.parse(await printed(world.startedCommand("api-2")))).toBeGreaterThan(Date.parse(before));
    expect(await printed(world.startedCommand("api-1"))).toBe(other);
    await world.rewrite({ JWT_SECRET: undefined });
    await expect(printed(world.restartCommand("api-2"))).rejects.toThrow("was not restarted (500)");
    await expect(printed(world.startedCommand("api-2"))).rejects.toThrow("No such file");
    expect(await logOf(world, "api-2")).toContain("JWT_SECRET is not set");
    expect(world.issuer.front.ready()).toEqual(["api-1"]);
  });
});

it("the front sends nothing to an instance that is down", async () => {
  await withWorld({ instances: 3 }, async (world) => {
    const { front, kill } = world.issuer;
    await kill("api-2");
    await expect.poll(() => front.ready()).toEqual(["api-1", "api-3"]);
    const before = front.sent();
    const statuses = await Promise.all(
      Array.from({ length: 60 }, async () => (await fetch(`${front.url}/health`)).status),
    );
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(front.sent()["api-2"]).toBe(before["api-2"]);
    await world.restart("api-2");
    await expect
      .poll(async () => {
        await fetch(`${front.url}/health`);
        return front.sent()["api-2"] ?? 0;
      })
      .toBeGreaterThan(before["api-2"] ?? 0);
  });
});

async function withWorld(
  options: Omit<TokenWorldOptions, "folder">,
  use: (world: TokenWorld) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "token-world-"));
  const world = await startTokenWorld({ ...options, folder });
  try {
    await use(world);
  } finally {
    await world.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

function urlsOf({ services }: TokenWorld): [string, string] {
  const [one = "", two = ""] = services.flatMap(({ instances }) => instances.map(({ url }) => url));
  return [one, two];
}

async function login(url: string): Promise<string> {
  const answer = await fetch(`${url}/login`, { method: "POST", body: JSON.stringify({ user: "ada" }) });
  const { token }: { token?: unknown } = Object(await answer.json());
  return String(token);
}

async function me(url: string, token: string, path = "/me"): Promise<object> {
  const answer = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } });
  return { status: answer.status, ...Object(await answer.json()) };
}

async function internal(url: string, key: string, path = "/internal"): Promise<number> {
  return (await fetch(`${url}${path}`, { headers: { "x-api-key": key } })).status;
}

async function logOf({ services }: TokenWorld, id: string): Promise<string> {
  const found = services.flatMap(({ instances }) => instances).find((instance) => instance.id === id);
  return await readFile(found?.logFile ?? "", "utf8");
}

async function printed([program = "", ...args]: readonly string[]): Promise<string> {
  return (await promisify(execFile)(program, args)).stdout.trim();
}
