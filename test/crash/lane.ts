import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { openQueues } from "../../src/jobs/queues.ts";
import { openStage, type Stage } from "../engine/stage.ts";
import { silent } from "../jobs/silent.ts";
import { type FreshDatabase, freshDatabase } from "../servers/fresh-database.ts";
import { startWireProxy, type WireProxy } from "../servers/wire-proxy.ts";
import { type App, startApp } from "./app.ts";
import { type Child, startChild } from "./child.ts";
import { postgresTarget } from "./postgres-target.ts";
import { redisTarget } from "./redis-target.ts";
import { issuerRedis, queueRedis } from "./servers.ts";
import type { Target } from "./target.ts";
import type { Settings } from "./worker-settings.ts";

export const modes = [
  "redis-acl two passwords",
  "redis-acl two users",
  "postgres-role dual",
  "postgres-role single",
] as const;
export type Mode = (typeof modes)[number];
export type QueueKind = "PostgreSQL" | "Redis";

/** A target, its application, a database and a queue of their own, and workers to be ended. One rotation after the other runs in it. */
export type Lane = {
  readonly mode: Mode;
  readonly queue: QueueKind;
  readonly target: Target;
  readonly app: App;
  readonly proxy: WireProxy;
  readonly stage: Stage;
  readonly database: FreshDatabase;
  readonly envFile: string;
  readonly url: () => Promise<string>;
  readonly leaseMs: number;
  /** Starts a worker; every worker that is left is ended with the lane. */
  readonly worker: (stops: readonly string[], onPoint: (point: string) => void) => Child;
  /** Hears reloads; the last one set counts. */
  readonly onReload: (hook: (when: "before" | "after", instance: string) => Promise<void>) => void;
  readonly close: () => Promise<void>;
};

export type LaneOptions = {
  readonly mode: Mode;
  readonly queue: QueueKind;
  readonly leaseMs?: number;
  readonly graceMs?: number;
  readonly watchMs?: number;
  readonly idleMs?: number;
  /** Another way from the proxy to the issuer, such as one that can be cut. Gets the issuer's port, returns the one to use. */
  readonly through?: (port: number) => Promise<number>;
  /** Another way from the workers to the database of the state. Ended with the lane. */
  readonly stateThrough?: (port: number) => Promise<WireProxy>;
  /** Where the queue is, when it is not one of its own on a shared server. */
  readonly place?: Settings["place"];
};

export async function openLane(options: LaneOptions): Promise<Lane> {
  const { mode, queue, leaseMs = 2_500 } = options;
  const database = await freshDatabase();
  const redis = mode.startsWith("redis") ? await issuerRedis() : undefined;
  const direct = redis?.port ?? database.server.port;
  const port = (await options.through?.(direct)) ?? direct;
  const proxy = await startWireProxy({ protocol: redis === undefined ? "postgres" : "redis", port });
  const target =
    redis === undefined
      ? await postgresTarget(database.server, mode === "postgres-role dual" ? "dual" : "single", proxy.port)
      : await redisTarget(redis, mode === "redis-acl two users" ? "two users" : "two passwords", proxy.port);
  const folder = await mkdtemp(join(tmpdir(), "keyturn-crash-"));
  const envFile = join(folder, ".env");
  await writeFile(envFile, `# kept\nURL=${target.firstUrl}\nOTHER=stays # as it is\n`);
  let reloadHook: (when: "before" | "after", instance: string) => Promise<void> = () => Promise.resolve();
  const app = await startApp({ kind: target.kind, envFile, folder, onReload: (when, id) => reloadHook(when, id) });
  const place = options.place ?? (await newPlace(queue, database));
  const stateProxy = await options.stateThrough?.(database.server.port);
  const databaseUrl = stateProxy === undefined ? database.url : withPort(database.url, stateProxy.port);
  const settings: Settings = {
    databaseUrl,
    folder,
    catalog: catalogText(options, target, app, envFile),
    references: { ADMIN: target.adminPassword },
    programs: ["/bin", "/usr/bin"],
    sealKey: randomBytes(32).toString("base64"),
    leaseMs,
    sweepEveryMs: 500,
    place,
  };
  const settingsFile = join(folder, "worker.json");
  await writeFile(settingsFile, JSON.stringify(settings), { mode: 0o600 });
  const queues = openQueues(place, silent);
  const stage = await openStage({ ...settings, databaseUrl: database.url, wake: (id) => queues.wake(id) });
  const children = new Set<Child>();
  return {
    mode,
    queue,
    target,
    app,
    proxy,
    stage,
    database,
    envFile,
    leaseMs,
    url: async () => parseEnv(await readFile(envFile, "utf8"))["URL"] ?? "",
    worker: (stops, onPoint) => {
      const child = startChild(settingsFile, stops, onPoint);
      children.add(child);
      return child;
    },
    onReload: (hook) => {
      reloadHook = hook;
    },
    close: async () => {
      await Promise.all([...children].map((child) => child.kill()));
      await queues.close();
      await stage.close();
      await app.close();
      await proxy[Symbol.asyncDispose]();
      await stateProxy?.[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
      await database[Symbol.asyncDispose]();
    },
  };
}

/** JSON is YAML too. */
function catalogText(options: LaneOptions, target: Target, app: App, envFile: string): string {
  const { graceMs = 200, watchMs = 1_000, idleMs = 1_000 } = options;
  return JSON.stringify({
    version: 1,
    demo: true,
    policies: {
      test: {
        channel: "#security-ops",
        requesters: ["@oncall", "@security"],
        approvals: [
          { from: "@security", min: 1 },
          { from: "@oncall", min: 1 },
        ],
        expires: "30m",
        oncall: "@oncall",
        allowSingle: true,
      },
    },
    targets: [
      {
        secret: target.kind,
        environment: "test",
        policy: "test",
        owner: "@platform",
        rotator: target.rotator,
        publish: [{ store: "env-file", file: envFile, values: { URL: target.template } }],
        consumers: app.consumers,
        checks: app.checks,
        grace: `${graceMs}ms`,
        graceMax: "1h",
        idle: { for: `${idleMs}ms` },
        watch: `${watchMs}ms`,
        notice: "0s",
      },
    ],
  });
}

async function newPlace(queue: QueueKind, database: FreshDatabase): Promise<Settings["place"]> {
  return queue === "Redis" ? { redis: await queueRedis() } : { postgres: { connectionString: database.url } };
}

function withPort(url: string, port: number): string {
  const other = new URL(url);
  other.port = String(port);
  return other.href;
}
