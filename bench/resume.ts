import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { openQueues } from "../src/jobs/queues.ts";
import { openStage } from "../test/engine/stage.ts";
import { silent } from "../test/jobs/silent.ts";
import { freshDatabase } from "../test/servers/fresh-database.ts";
import { newFolder } from "../test/servers/run-folder.ts";
import { startQuietApp } from "./quiet-app.ts";
import { type Row, time } from "./table.ts";
import { catalogOf, makePlace, noWaits, referencesOf, targetOf } from "./target.ts";

const script = fileURLToPath(new URL("resume-worker.ts", import.meta.url));
const rotations = 4;
const limitMs = 10_000;

type Scenario = { readonly what: string; readonly another: "waits" | "starts" };

const scenarios: readonly Scenario[] = [
  { what: "another worker process is there", another: "waits" },
  { what: "another is started at that moment", another: "starts" },
];

/** From the kill of a worker process, in the middle of a step, to the next append by another, for each rotation that it held. */
export async function resume(): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const scenario of scenarios) {
    const { tookMs, leaseMs } = await killed(scenario);
    rows.push({
      what: `resume after a kill: ${scenario.what}`,
      measured: time(tookMs),
      floor: time(leaseMs),
      ratio: tookMs / leaseMs,
      promise: `under ${time(limitMs)}`,
      kept: tookMs < limitMs,
      note: `the longest of ${String(rotations)} rotations that the killed process held in the middle of issue; floor: the lease that was left at that moment, in which nobody can know that its holder is dead`,
    });
  }
  return rows;
}

async function killed({ another }: Scenario): Promise<{ readonly tookMs: number; readonly leaseMs: number }> {
  await using database = await freshDatabase();
  const folder = newFolder("bench");
  const places = [];
  for (let index = 0; index < rotations; index++) places.push(await makePlace(database.server, folder));
  const apps = await Promise.all(places.map((place) => startQuietApp(folder, place)));
  const targets = places.map((place, index) =>
    targetOf(place, { consumers: apps[index]?.consumers ?? [], checks: [], times: noWaits }),
  );
  const settings = {
    databaseUrl: database.url,
    folder,
    catalog: catalogOf(targets),
    references: referencesOf(places),
    programs: ["/bin", "/usr/bin"],
    sealKey: randomBytes(32).toString("base64"),
  };
  const file = join(folder, "settings.json");
  await writeFile(file, JSON.stringify(settings), { mode: 0o600 });
  const stage = await openStage(settings);
  const queues = openQueues({ postgres: { connectionString: database.url } }, silent);
  const first = startWorker(file, ["holds"]);
  await first.said("ready");
  const ids: string[] = [];
  for (const { tag } of places) {
    const id = await stage.approved({ secret: tag });
    ids.push(id);
    await queues.wake(id);
  }
  await Promise.all(ids.map((id) => first.said(`holds ${id}`)));
  const waiting = another === "waits" ? startWorker(file, []) : undefined;
  await waiting?.said("ready");
  const began = performance.now();
  await first.kill();
  const [lease] = await database.query(
    "SELECT (extract(epoch FROM max(until) - clock_timestamp()) * 1000)::float8 AS ms FROM keyturn.leases",
  );
  const second = waiting ?? startWorker(file, []);
  const took = await Promise.all(ids.map((id) => second.said(`appended ${id}`)));
  await second.kill();
  await queues.close();
  await stage.close();
  for (const app of apps) app.close();
  return { tookMs: Math.max(...took) - began, leaseMs: Number(lease?.["ms"]) };
}

type Worker = {
  /** When (performance.now) it said this line first. Rejects when it ends without having said it, or after 60 s. */
  readonly said: (line: string) => Promise<number>;
  readonly kill: () => Promise<void>;
};

function startWorker(settingsFile: string, words: readonly string[]): Worker {
  const child = spawn(process.execPath, [script, settingsFile, ...words], {
    stdio: ["ignore", "pipe", "inherit"],
    env: {},
  });
  const end = (): void => void child.kill("SIGKILL");
  process.once("exit", end);
  child.once("exit", () => process.off("exit", end));
  const heard = new Map<string, PromiseWithResolvers<number>>();
  const wait = (line: string): PromiseWithResolvers<number> => {
    const known = heard.get(line) ?? Promise.withResolvers<number>();
    heard.set(line, known);
    return known;
  };
  createInterface({ input: child.stdout }).on("line", (line) => wait(line).resolve(performance.now()));
  return {
    said: (line) => within(60_000, wait(line).promise, `the worker did not say "${line}"`),
    kill: () => killChild(child),
  };
}

async function killChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
}

async function within<T>(ms: number, work: Promise<T>, otherwise: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(otherwise)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
