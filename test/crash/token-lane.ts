import { appendFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { z } from "zod";
import { type Control, openControl } from "../../sandbox/world/control.ts";
import { startTraffic } from "../../sandbox/world/token-traffic.ts";
import { startTokenWorld, type TokenWorld } from "../../sandbox/world/token-world.ts";
import { Secret } from "../../src/core/secret.ts";
import { fingerprint } from "../../src/rotators/probes/fingerprint.ts";
import { freshDatabase } from "../servers/fresh-database.ts";
import { type HttpProxy, startHttpProxy } from "../servers/http-proxy.ts";
import type { AnyLane } from "./lane.ts";
import { newPlace, openWorkers, type QueueKind } from "./lane-workers.ts";
import { policies } from "./policies.ts";
import { acceptedEverywhere } from "./token-invariant.ts";
import { type TokenMode, type TokenTarget, targetOf } from "./token-modes.ts";
import { refusalsOf, tryKey } from "./token-world-seen.ts";

const leaseMs = 2_500;
const tokenLifeMs = 2_000;
const Files = z.record(z.string(), z.string());

/**
 * Services that know one key, each a process of its own with a `.env` of its own, under constant traffic. Points on the wire are
 * the requests by which Keyturn asks instances; what people and services ask goes another way.
 */
export async function openTokenLane(mode: TokenMode, queue: QueueKind): Promise<AnyLane> {
  const database = await freshDatabase();
  const folder = await mkdtemp(join(tmpdir(), "keyturn-crash-"));
  const world = await startTokenWorld({ folder, services: ["shop", "billing"], instances: 1, tokenLifeMs });
  for (const { envFile } of world.services) await appendFile(envFile, "# kept\nOTHER=stays # as it is\n");
  const instances = world.services.flatMap((service) => service.instances);
  const proxy = await startHttpProxy(instances);
  const target = targetOf(mode, world, (path) => instances.map(({ id }) => `${proxy.urlOf(id)}${path}`));
  const restarts: Record<string, number> = Object.fromEntries(instances.map(({ id }) => [id, 0]));
  let reloadHook: (when: "before" | "after", instance: string) => Promise<void> = () => Promise.resolve();
  const startedAt = new Map<string, string>();
  const door = await openControl(async (id) => {
    await reloadHook("before", id);
    const at = await world.restart(id);
    // Two reloads at once are one restart.
    if (startedAt.get(id) !== at) restarts[id] = (restarts[id] ?? 0) + 1;
    startedAt.set(id, at);
    await reloadHook("after", id);
  });
  const workers = await openWorkers(database, {
    databaseUrl: database.url,
    folder,
    catalog: catalogText(world, target, { proxy, door }),
    references: {},
    leaseMs,
    place: await newPlace(queue, database),
    storeNames: Object.fromEntries(world.services.map(({ name, envFile }) => [envFile, name])),
  });
  const traffic = startTraffic(world, {
    requestsPerSecond: 25,
    internalShare: target.what === "calls" ? 1 : 0,
    ...(target.users === undefined ? {} : { users: target.users }),
  });
  const keys = new Set<string>();
  const read = async (): Promise<string> => {
    const files = world.services.map(async ({ name, envFile }) => [name, await readFile(envFile, "utf8")] as const);
    const text = JSON.stringify(Object.fromEntries(await Promise.all(files)));
    keys.add(keyIn(text, target.variable));
    return text;
  };
  const invariant = acceptedEverywhere(world, target.what);
  return {
    mode,
    queue,
    target: {
      overlap: target.overlap,
      names: [],
      ids: { inValue: (key) => fingerprint(target.kind, new Secret(key)), inRef: ({ generation }) => generation },
      look: async () => {
        const live: string[] = [];
        for (const key of keys) {
          const accepted = await tryKey(world, target, key);
          if (accepted.length > 0) live.push(await fingerprint(target.kind, new Secret(key)));
        }
        return { live, passwords: live.length };
      },
      accepts: async (key) => (await tryKey(world, target, key)).length === instances.length,
    },
    stage: workers.stage,
    database,
    leaseMs,
    worker: workers.worker,
    wire: proxy,
    stored: {
      read,
      urlIn: (text) => keyIn(text, target.variable),
      restOf: (text) => restOf(text, target.variable),
    },
    restarts: () => Promise.resolve({ ...restarts }),
    extraPerKill: 1,
    refused: () => Promise.resolve(traffic.counts().refused),
    ...(target.overlap === "single"
      ? { refusals: () => refusalsOf(world), afterCutMs: target.afterCutMs ?? 0 }
      : { invariant }),
    onReload: (hook) => {
      reloadHook = hook;
    },
    close: async () => {
      await traffic.stop();
      await workers.close();
      door.close();
      await proxy[Symbol.asyncDispose]();
      await world.stop();
      await rm(folder, { recursive: true, force: true });
      await database[Symbol.asyncDispose]();
    },
  };
}

/** The key in use, which all services have alike; else no key at all. */
function keyIn(text: string, variable: string): string {
  const all = Object.values(Files.parse(JSON.parse(text))).map((file) => parseEnv(file)[variable] ?? "");
  return new Set(all).size === 1 ? (all[0] ?? "") : "";
}

/** The files without the line of the key in use: a value may come to stand in quotes and stays so. Nothing may be accepted beside it. */
function restOf(text: string, variable: string): string {
  return Object.entries(Files.parse(JSON.parse(text)))
    .map(([name, file]) => `${name}\n${file.replace(new RegExp(`^${variable}=.*$`, "m"), variable)}`)
    .join("\n");
}

type Ways = { readonly proxy: HttpProxy; readonly door: Control };

/** JSON is YAML too. */
function catalogText({ services, startedCommand }: TokenWorld, target: TokenTarget, { proxy, door }: Ways): string {
  return JSON.stringify({
    version: 1,
    demo: true,
    policies,
    targets: [
      {
        secret: "key",
        environment: "test",
        policy: "test",
        owner: "@platform",
        rotator: target.rotator,
        publish: services.map(({ envFile }) => ({ store: "env-file", file: envFile, values: target.values })),
        consumers: services.map(({ name, instances }) => ({
          kind: "command",
          name,
          instances: instances.map(({ id, logFile }) => ({
            id,
            reload: door.restartCommand(id),
            sees: { started: startedCommand(id) },
            ready: { http: `${proxy.urlOf(id)}/health` },
            logs: logFile,
          })),
        })),
        checks: [
          { kind: "logs", of: "consumers", pattern: "auth error.*unknown key", window: "10s", settle: "200ms" },
          ...services.flatMap(({ instances }) =>
            instances.map(({ id }) => ({
              kind: "http",
              url: `${proxy.urlOf(id)}/health`,
              expect: { status: 200 },
              settle: "200ms",
            })),
          ),
        ],
        grace: target.overlap === "single" ? "0s" : "2500ms",
        graceMax: "1h",
        watch: "1s",
        notice: "0s",
      },
    ],
  });
}
