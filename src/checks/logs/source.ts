import { KeyturnError } from "../../core/errors.ts";
import type { LogLine } from "../../core/log-line.ts";
import type { CheckScope } from "../../core/ports.ts";
import { logCommand, logFile } from "../../process/log-source.ts";
import type { Run } from "../../process/run.ts";
import type { Config } from "./config.ts";

/** One log. `onNew`: what stands in it was written by an instance that runs on the new value. */
export type Source = { readonly name: string; readonly lines: readonly LogLine[]; readonly onNew: boolean };

export type Means = { readonly run: Run; readonly folders: readonly string[]; readonly signal: AbortSignal };

/**
 * Every log of the check since then. A log that belongs to no instance counts as new when every instance is on the new
 * value.
 *
 * @throws KeyturnError logs_incomplete, logs_unavailable, and what reading throws: from half a log nothing is concluded
 */
export async function readSources(
  config: Config,
  scope: CheckScope,
  since: string,
  means: Means,
): Promise<readonly Source[]> {
  means.signal.throwIfAborted();
  const fresh = await freshInstances(scope);
  const sources: Source[] = [];
  if (config.of === "consumers") sources.push(...(await ofConsumers(scope, since, fresh.has)));
  for (const file of config.files) {
    const { lines, complete } = await logFile(file, since, means.folders);
    sources.push(wholly(complete, { name: file, lines, onNew: fresh.all }));
  }
  for (const argv of config.commands) {
    const { lines, complete } = await logCommand(means.run, { argv }, since, means.signal);
    sources.push(wholly(complete, { name: argv[0] ?? "command", lines, onNew: fresh.all }));
  }
  return sources;
}

async function ofConsumers(
  scope: CheckScope,
  since: string,
  isFresh: (id: string) => boolean,
): Promise<readonly Source[]> {
  if (scope.consumers.length === 0)
    throw new KeyturnError("logs_unavailable", "there are no consumers to read logs of");
  const sources: Source[] = [];
  for (const consumer of scope.consumers) {
    if (consumer.logs === undefined) throw new KeyturnError("logs_unavailable", "a consumer cannot give its logs");
    for (const { instance, lines, complete } of await consumer.logs(since)) {
      sources.push(wholly(complete, { name: instance, lines, onNew: isFresh(instance) }));
    }
  }
  if (sources.length === 0) throw new KeyturnError("logs_unavailable", "no instance has a log");
  return sources;
}

/** Who is known to run on the new value. Where nothing is expected nobody can be asked, and every log counts. */
async function freshInstances({
  consumers,
  expected,
}: CheckScope): Promise<{ has: (id: string) => boolean; all: boolean }> {
  if (expected === undefined) return { has: () => true, all: true };
  const instances = (await Promise.all(consumers.map((consumer) => consumer.instances(expected)))).flat();
  const ids = new Set(instances.filter(({ on }) => on === "new").map(({ id }) => id));
  return { has: (id) => ids.has(id), all: instances.every(({ on }) => on === "new") };
}

function wholly(complete: boolean, source: Source): Source {
  if (complete) return source;
  throw new KeyturnError("logs_incomplete", `not every line of ${source.name} could be read`, {
    hint: "lines need a time, and the window must fit into what is read",
  });
}
