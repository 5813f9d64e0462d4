/**
 * A worker process without Slack: state, adapters and jobs are the real ones. Says on stdout each point that it passes, and
 * stops itself (SIGSTOP) at those that it was told, so that the driver can end it exactly there, or let it go on late.
 */
import { readFileSync, writeSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { z } from "zod";
import { advance } from "../../src/core/engine.ts";
import type { Kinds } from "../../src/core/kinds.ts";
import { openQueues } from "../../src/jobs/queues.ts";
import { startWorkers } from "../../src/jobs/workers.ts";
import { openStage } from "../engine/stage.ts";
import { silent } from "../jobs/silent.ts";
import { announcing, Settings } from "./worker-settings.ts";

const settings = Settings.parse(JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")));
let stops: string[] = z.array(z.string()).parse(JSON.parse(process.argv[3] ?? "[]"));

/** Until it appends something, a worker goes on with the step of the one before it. */
let step = process.argv[4] ?? "";

function pass(point: string): void {
  writeSync(1, `${point}\n`);
  if (stops.includes(point)) {
    stops = stops.filter((other) => other !== point);
    process.kill(process.pid, "SIGSTOP");
  }
}

const stage = await openStage({
  ...settings,
  kinds: (kinds: Kinds) => announcing(kinds, settings.storeNames, (point) => pass(`${point} @ ${step}`)),
});
const queues = openQueues(settings.place, silent);
const { state } = stage;
const deps = {
  ...stage.deps,
  holder: `crash-${process.pid}`,
  state: {
    ...state,
    append: async (...[lease, seq, append]: Parameters<typeof state.append>) => {
      step =
        append.events.map((event) => ("step" in event ? event.step : undefined)).findLast((id) => id !== undefined) ??
        step;
      const name = append.events.map((event) => nameOf(event)).join(" + ");
      if (name !== "") pass(`before append ${name}`);
      const appended = await state.append(lease, seq, append);
      if (name !== "" && appended.kind === "appended") pass(`after append ${name}`);
      void queues.show(lease.rotationId);
      return appended;
    },
  },
};
startWorkers({
  queues,
  advance: async (rotationId, signal) => {
    const advanced = await advance(deps, rotationId, signal);
    writeSync(1, `advanced ${advanced.kind}\n`);
    return advanced;
  },
  project: async (rotationId) => {
    await state.notices.accept(rotationId, "retire");
    await state.notices.accept(rotationId, "cut");
    return {};
  },
  due: state.due,
  orphaned: state.orphaned,
  concurrency: 4,
  log: silent,
  sweepEveryMs: settings.sweepEveryMs,
  budget: { max: 1_000, duration: 1_000 },
});
writeSync(1, "ready\n");
// Who is killed writes nothing at its end.
flushCompileCache();

function nameOf(event: {
  readonly type: string;
  readonly step?: string;
  readonly effect?: string;
  readonly topic?: string;
}): string {
  const about = event.effect ?? event.topic ?? "";
  const named = about.startsWith("close:") ? "close" : about.split(":")[0];
  return [event.type, event.step ?? "", named].filter((part) => part !== "").join(" ");
}
