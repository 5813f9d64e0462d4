import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openQueues } from "../../src/jobs/queues.ts";
import { openStage, type Stage } from "../engine/stage.ts";
import { silent } from "../jobs/silent.ts";
import type { FreshDatabase } from "../servers/fresh-database.ts";
import { type Child, startChild } from "./child.ts";
import { queueRedis } from "./servers.ts";
import type { Settings } from "./worker-settings.ts";

export type QueueKind = "PostgreSQL" | "Redis";

/** A Keyturn without Slack in this process, and workers of the same state that can be ended. */
export type Workers = {
  readonly stage: Stage;
  /** Starts a worker, to go on with a step or from the beginning; every worker that is left is ended with the lane. */
  readonly worker: (stops: readonly string[], onPoint: (point: string) => void, step?: string) => Child;
  readonly close: () => Promise<void>;
};

/** `databaseUrl`: how workers reach the database. `desk`: what only this process needs. */
export async function openWorkers(
  database: FreshDatabase,
  parts: Pick<Settings, "databaseUrl" | "folder" | "catalog" | "references" | "leaseMs" | "place" | "storeNames">,
  desk: Pick<Parameters<typeof openStage>[0], "pageUrl"> = {},
): Promise<Workers> {
  const settings: Settings = {
    ...parts,
    programs: ["/bin", "/usr/bin"],
    sealKey: randomBytes(32).toString("base64"),
    sweepEveryMs: 500,
  };
  const settingsFile = join(parts.folder, "worker.json");
  await writeFile(settingsFile, JSON.stringify(settings), { mode: 0o600 });
  const queues = openQueues(parts.place, silent);
  const stage = await openStage({ ...settings, ...desk, databaseUrl: database.url, wake: (id) => queues.wake(id) });
  const children = new Set<Child>();
  return {
    stage,
    worker: (stops, onPoint, step = "") => {
      const child = startChild(settingsFile, stops, onPoint, step);
      children.add(child);
      return child;
    },
    close: async () => {
      await Promise.all([...children].map((child) => child.kill()));
      await queues.close();
      await stage.close();
    },
  };
}

/** Where a queue of its own is. */
export async function newPlace(queue: QueueKind, database: FreshDatabase): Promise<Settings["place"]> {
  return queue === "Redis" ? { redis: await queueRedis() } : { postgres: { connectionString: database.url } };
}
