import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import type { Stage } from "../engine/stage.ts";
import { type FreshDatabase, freshDatabase } from "../servers/fresh-database.ts";
import { startWireProxy, type WireProxy } from "../servers/wire-proxy.ts";
import { type App, startApp } from "./app.ts";
import type { ApplicationMode } from "./application-modes.ts";
import { newPlace, openWorkers, type QueueKind, type Workers } from "./lane-workers.ts";
import { policies } from "./policies.ts";
import { postgresTarget } from "./postgres-target.ts";
import { redisTarget } from "./redis-target.ts";
import type { Rotated } from "./rotate.ts";
import { issuerRedis } from "./servers.ts";
import type { Judged, Target } from "./target.ts";
import type { Invariant } from "./token-invariant.ts";
import type { TokenMode } from "./token-modes.ts";
import type { Settings } from "./worker-settings.ts";

export const modes = [
  "redis-acl two passwords",
  "redis-acl two users",
  "postgres-role dual",
  "postgres-role single",
] as const;
export type WireMode = (typeof modes)[number];
/** Where the application is on Kubernetes: what it reads changes in place, or each publish makes another Secret. */
export const clusterModes = [
  "postgres-role dual on Kubernetes",
  "postgres-role dual in versions of a Secret",
  "postgres-role dual in a ConfigMap of a StatefulSet",
] as const;
export type ClusterMode = (typeof clusterModes)[number];
/** Where a person brings the new one from a portal, and revokes the old one there. */
export const portalModes = ["handed-in-key dual"] as const;
export type PortalMode = (typeof portalModes)[number];
export type Mode = WireMode | ClusterMode | ApplicationMode | TokenMode | PortalMode;

type Hook = (command: { readonly text: string }) => Promise<"drop" | "forward">;

/** A target, its application, a database and a queue of their own, and workers to be ended. One rotation after the other runs in it. */
export type AnyLane = {
  readonly mode: Mode;
  readonly queue: QueueKind;
  readonly target: Judged;
  readonly stage: Stage;
  readonly database: FreshDatabase;
  readonly leaseMs: number;
  readonly worker: Workers["worker"];
  /** The way to a server, on which every command before it arrives and every answer before it is known is a point. */
  readonly wire: { readonly onCommand: (hook: Hook) => () => void; readonly onReply: (hook: Hook) => () => void };
  /** Where the credential is published: everything that stands there, the credential as a URL, and all the rest. */
  readonly stored: {
    readonly read: () => Promise<string>;
    readonly urlIn: (text: string) => string;
    readonly restOf: (text: string) => string;
  };
  /** How many objects there are where it is published, by kind; where a publish may make some. */
  readonly objects?: () => Promise<Readonly<Record<string, number>>>;
  /** Restarts that were asked for since the start, by instance. */
  readonly restarts: () => Promise<Readonly<Record<string, number>>>;
  /** How many restarts more than undisturbed there may be for each kill. */
  readonly extraPerKill: 0 | 1;
  readonly refused: () => Promise<number>;
  /** When somebody was refused, since the start (ISO 8601), where that may be inside of a cut only. */
  readonly refusals?: () => Promise<readonly string[]>;
  /** How long after a cut that may still be, ms: what was made before it is presented once more. Default 0. */
  readonly afterCutMs?: number;
  /** What must hold at every point. */
  readonly invariant?: Invariant;
  /** What else a rotation is judged by here: a sentence per fault. Once for each, immediately after it. */
  readonly alsoJudged?: (rotated: Rotated) => Promise<readonly string[]>;
  /** Hears reloads that are no commands on the wire; the last one set counts. */
  readonly onReload: (hook: (when: "before" | "after", instance: string) => Promise<void>) => void;
  readonly close: () => Promise<void>;
};

/** An application of two processes that read a file. */
export type Lane = AnyLane & {
  readonly target: Target;
  readonly app: App;
  readonly proxy: WireProxy;
  readonly envFile: string;
  readonly url: () => Promise<string>;
};

export type LaneOptions = {
  readonly mode: WireMode;
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
  const workers = await openWorkers(database, {
    databaseUrl,
    folder,
    catalog: catalogText(options, target, app, envFile),
    references: { ADMIN: target.adminPassword },
    leaseMs,
    place,
  });
  const read = (): Promise<string> => readFile(envFile, "utf8");
  return {
    mode,
    queue,
    target,
    app,
    proxy,
    stage: workers.stage,
    database,
    envFile,
    leaseMs,
    wire: proxy,
    stored: { read, urlIn, restOf },
    url: async () => urlIn(await read()),
    worker: workers.worker,
    restarts: () => Promise.resolve(app.restarts()),
    extraPerKill: 1,
    refused: app.refused,
    onReload: (hook) => {
      reloadHook = hook;
    },
    close: async () => {
      await workers.close();
      await app.close();
      await proxy[Symbol.asyncDispose]();
      await stateProxy?.[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
      await database[Symbol.asyncDispose]();
    },
  };
}

function urlIn(text: string): string {
  return parseEnv(text)["URL"] ?? "";
}

/** The file without our line: a value may come to stand in quotes and stays so. */
function restOf(text: string): string {
  return text.replace(/^URL=.*$/m, "URL");
}

/** JSON is YAML too. */
function catalogText(options: LaneOptions, target: Target, app: App, envFile: string): string {
  const { graceMs = 200, watchMs = 1_000, idleMs = 1_000 } = options;
  return JSON.stringify({
    version: 1,
    demo: true,
    policies,
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

function withPort(url: string, port: number): string {
  const other = new URL(url);
  other.port = String(port);
  return other.href;
}
