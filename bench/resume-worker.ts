/**
 * @module A worker process without Slack, as the bot runs it. Prints the id of each rotation that it appends to. With
 * `holds` it stops for ever right after it wrote that it is about to issue, alive and with its leases renewed, so that
 * the driver can kill it in the middle.
 */
import { readFileSync, writeSync } from "node:fs";
import { z } from "zod";
import { advance } from "../src/core/engine.ts";
import { openQueues } from "../src/jobs/queues.ts";
import { startWorkers } from "../src/jobs/workers.ts";
import { openStage } from "../test/engine/stage.ts";
import { silent } from "../test/jobs/silent.ts";

const Settings = z.object({
  databaseUrl: z.string(),
  folder: z.string(),
  catalog: z.string(),
  references: z.record(z.string(), z.string()),
  programs: z.array(z.string()),
  sealKey: z.string(),
});

const settings = Settings.parse(JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")));
const words = process.argv.slice(3);
const stage = await openStage(settings);
const { state } = stage;
const append: typeof state.append = async (lease, seq, what) => {
  const appended = await state.append(lease, seq, what);
  if (what.events.length > 0) writeSync(1, `appended ${lease.rotationId}\n`);
  if (words.includes("holds") && what.events.some((event) => event.type === "intended" && event.step === "issue")) {
    writeSync(1, `holds ${lease.rotationId}\n`);
    await new Promise(() => undefined);
  }
  return appended;
};
startWorkers({
  queues: openQueues({ postgres: { connectionString: settings.databaseUrl } }, silent),
  advance: (rotationId, signal) =>
    advance({ ...stage.deps, holder: `bench-${String(process.pid)}`, state: { ...state, append } }, rotationId, signal),
  project: () => Promise.resolve({}),
  due: state.due,
  concurrency: 8,
  log: silent,
});
writeSync(1, "ready\n");
