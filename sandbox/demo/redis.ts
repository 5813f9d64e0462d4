import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { Redis } from "ioredis";
import { freePort } from "./port.ts";
import type { Issuer } from "./target.ts";

/** Whether a `redis-server` is on this machine. */
export async function hasRedis(): Promise<boolean> {
  const probe = spawn("redis-server", ["--version"], { stdio: "ignore" });
  return new Promise((resolve) => {
    probe.once("error", () => resolve(false));
    probe.once("exit", (code) => resolve(code === 0));
  });
}

/** The demo shop's own Redis, with an ACL file: a user for the application and an administrator for Keyturn. */
export async function startRedis(folder: string): Promise<Issuer> {
  const port = await freePort();
  const home = `${folder}/shop-redis`;
  const [first, admin] = [secret(), secret()];
  await mkdir(home, { recursive: true });
  await writeFile(
    `${home}/users.acl`,
    `user default off\nuser app on >${first} ~* &* +@all -@admin -@dangerous\nuser keyturn on >${admin} +@all ~* &*\n`,
    { mode: 0o600 },
  );
  await writeFile(
    `${home}/redis.conf`,
    `bind 127.0.0.1\nport ${port}\ndir ${home}\naclfile ${home}/users.acl\nsave ""\n`,
  );
  const server = spawn("redis-server", [`${home}/redis.conf`], { stdio: "ignore", env: {} });
  const adminUrl = `redis://keyturn:${admin}@127.0.0.1:${port}`;
  await answering(adminUrl, server);
  const urlOf = (password: string) => `redis://app:${password}@127.0.0.1:${port}`;
  return {
    kind: "redis",
    variable: "REDIS_URL",
    firstUrl: urlOf(first),
    template: `redis://{{username|url}}:{{password|url}}@127.0.0.1:${port}`,
    rotator: {
      kind: "redis-acl",
      url: `redis://127.0.0.1:${port}`,
      admin: { username: "keyturn", password: "env:DEMO_ADMIN_REDIS" },
      user: "app",
    },
    adminPassword: admin,
    cut: async () => {
      const next = secret();
      await command(adminUrl, "ACL", "SETUSER", "app", "resetpass", `>${next}`);
      return urlOf(next);
    },
    stop: () => ended(server),
  };
}

async function command(url: string, name: string, ...args: readonly string[]): Promise<void> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.call(name, ...args);
  } finally {
    client.disconnect();
  }
}

async function answering(url: string, server: ChildProcess): Promise<void> {
  for (let round = 0; round < 200 && server.exitCode === null; round++) {
    try {
      await command(url, "PING");
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error("the demo's redis-server did not start");
}

async function ended(server: ChildProcess): Promise<void> {
  if (server.exitCode === null && server.signalCode === null) {
    const exited = new Promise((resolve) => server.once("exit", resolve));
    server.kill("SIGTERM");
    await exited;
  }
}

function secret(): string {
  return randomBytes(18).toString("hex");
}
