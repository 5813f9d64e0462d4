import type { Cluster } from "../../connections/kubernetes/cluster.ts";
import { KeyturnError } from "../../core/errors.ts";
import type { LogLines } from "../../core/ports.ts";
import type { ContainerStatus, Pod } from "./objects.ts";

const capBytes = 4 * 1024 * 1024;

type Part = Pick<LogLines, "lines" | "complete">;
const nothing: Part = { lines: [], complete: true };

/**
 * The lines of every container of a pod since then, init containers and the run before the last restart included; no tail.
 * Incomplete when a log was longer than 4 MiB, could not be read, or belonged to a run whose log Kubernetes no longer keeps.
 */
export async function logsOf(cluster: Cluster, instance: string, pod: Pod, since: string): Promise<LogLines> {
  const { spec, status } = pod;
  const statuses = [...status.initContainerStatuses, ...status.containerStatuses];
  const parts: Part[] = [];
  for (const { name } of [...spec.initContainers, ...spec.containers]) {
    const seen = statuses.find((each) => each.name === name);
    if (seen === undefined) continue;
    if (endedAfter(seen, since)) {
      parts.push(await read(cluster, pod, name, since, true));
      if (isRunLost(seen, since)) parts.push({ lines: [], complete: false });
    }
    parts.push(await read(cluster, pod, name, since, false));
  }
  return {
    instance,
    lines: parts.flatMap(({ lines }) => lines),
    complete: parts.every(({ complete }) => complete),
  };
}

async function read(cluster: Cluster, pod: Pod, container: string, since: string, previous: boolean): Promise<Part> {
  const { namespace, name } = pod.metadata;
  const options = { container, previous, timestamps: true, sinceTime: since, limitBytes: capBytes };
  try {
    const text = await cluster.logs(namespace, name, options);
    if (text === undefined) return previous ? { lines: [], complete: false } : nothing;
    return { lines: linesOf(text, since), complete: Buffer.byteLength(text) < capBytes };
  } catch (error) {
    if (error instanceof KeyturnError) return { lines: [], complete: false };
    throw error;
  }
}

/** Every line begins with its time, which is no part of it. The server cuts `since` to the second, so earlier lines are left out here. Pure. */
function linesOf(text: string, since: string): LogLines["lines"] {
  return text.split("\n").flatMap((line): LogLines["lines"] => {
    const [, time = "", said = line] = /^(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)) ?(.*)$/s.exec(line) ?? [];
    if (said.trim() === "") return [];
    const at = Date.parse(time);
    if (Number.isNaN(at)) return [{ at: undefined, text: said }];
    return at < Date.parse(since) ? [] : [{ at: new Date(at).toISOString(), text: said }];
  });
}

function endedAfter({ restartCount, lastState }: ContainerStatus, since: string): boolean {
  const ended = Date.parse(lastState.terminated?.finishedAt ?? "");
  return restartCount > 0 && (Number.isNaN(ended) || ended + 1_000 > Date.parse(since));
}

/** There was a run before the one before this, within the time that is asked for. */
function isRunLost({ restartCount, lastState }: ContainerStatus, since: string): boolean {
  const started = Date.parse(lastState.terminated?.startedAt ?? "");
  return restartCount > 1 && (Number.isNaN(started) || started > Date.parse(since));
}
