import type { Cluster } from "../../connections/kubernetes/cluster.ts";
import type { Shared } from "../../connections/kubernetes/lists.ts";
import { KeyturnError } from "../../core/errors.ts";
import type { Expected, Instance } from "../../core/ports.ts";
import { isSettled } from "../../core/settled.ts";
import type { Config } from "./config.ts";
import { type Failure, failureOf } from "./failure.ts";
import { holdUpOf } from "./hold-up.ts";
import { judged } from "./judge.ts";
import { bears, markedAt, marksFor, ownMark } from "./marks.ts";
import { movesFor } from "./moves.ts";
import type { Pod, Workload } from "./objects.ts";
import { listPods, listReplicaSets, podsOf } from "./pods.ts";
import { unfinished } from "./progress.ts";
import { reloaderOf } from "./reloader.ts";
import { reloadedFor } from "./reloader-digest.ts";
import { serverTime } from "./server-time.ts";
import { desiredPods, listWorkloads, repointer, resourceOf, type Subject, unitOf } from "./workloads.ts";

/** Of a container that crashed: enough for a stack trace's head. */
const tailLines = 20;

/** The workload and its pods as they are now, at most a moment old; undefined when there is no such workload. */
export async function lookAt(
  shared: Shared,
  subject: Subject,
): Promise<{ readonly workload: Workload; readonly pods: readonly Pod[] } | undefined> {
  const { namespace, kind, name } = subject;
  const workload = (await listWorkloads(shared, resourceOf(subject))).find(({ metadata }) => metadata.name === name);
  if (workload === undefined) return undefined;
  const sets =
    kind === "deployment" ? await listReplicaSets(shared, { api: "apps/v1", resource: "replicasets", namespace }) : [];
  const pods = await listPods(shared, { api: "v1", resource: "pods", namespace });
  return { workload, pods: podsOf(kind, workload, sets, pods) };
}

/** Every pod, those that are ending and those that are still missing included; what the workload itself lacks is one more. */
export async function instancesOf(
  shared: Shared,
  subject: Subject,
  config: Config,
  rotationId: string,
  expected: Expected,
): Promise<readonly Instance[]> {
  const seen = await lookAt(shared, subject);
  if (seen === undefined) return [];
  const { workload, pods } = seen;
  const cluster = await shared.cluster();
  const { template } = workload.spec;
  const reloaded =
    reloaderOf(workload, config) === undefined
      ? () => false
      : await reloadedFor(
          cluster,
          subject.namespace,
          { annotations: template.metadata.annotations, spec: template.spec },
          config,
          expected,
        );
  const measure = {
    marks: marksFor(rotationId, expected),
    moves: await movesFor(
      cluster,
      config,
      expected,
      pods.map(({ spec }) => spec),
    ),
    markedAtMs: markedAt(workload, expected),
    sinceMs: Date.parse(expected.since),
    // A container that was restarted may have read what stood there in between.
    isReloaded: (pod: Pod) =>
      pod.status.containerStatuses.every(({ restartCount }) => restartCount === 0) &&
      reloaded({ annotations: pod.metadata.annotations, spec: pod.spec }),
  };
  const now = () => serverTime(cluster, expected);
  const held = {
    isRepointed: measure.moves.length > 0,
    sinceMs: measure.sinceMs,
    withinMs: config.within,
    now,
  };
  const all: Instance[] = [];
  for (const pod of pods) {
    const instance: Instance = {
      id: `${unitOf(subject)}/${pod.metadata.name}`,
      ...judged(pod, measure),
      addresses: pod.status.podIPs.map(({ ip }) => ip).filter((ip) => ip !== ""),
      clients: [],
    };
    const mayFail = !instance.ready && all.every(({ failed }) => failed === undefined);
    const failure =
      (mayFail && instance.on === "new" ? await failureOf(pod, now) : undefined) ??
      (mayFail ? await holdUpOf(workload, pod, held) : undefined);
    all.push(failure === undefined ? instance : { ...instance, failed: await told(cluster, pod, failure) });
  }
  return whole(subject, workload, pods, all, { ...expected, rotationId });
}

/** What the pods alone do not show: some are missing, the roll-out is not done, it ran out of time, or it was undone. Pure. */
function whole(
  subject: Subject,
  workload: Workload,
  pods: readonly Pod[],
  seen: readonly Instance[],
  expected: Pick<Expected, "since"> & { readonly rotationId: string },
): readonly Instance[] {
  const { kind } = subject;
  const extra = (what: string, detail: string): Instance => ({
    id: `${unitOf(subject)}/${what}`,
    on: "unknown",
    ready: false,
    detail,
    addresses: [],
    clients: [],
  });
  const staying = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined).length;
  const desired = desiredPods(kind, workload);
  const refused = workload.status.conditions.find(({ type, status }) => type === "ReplicaFailure" && status === "True");
  const missing = Array.from({ length: Math.max(0, desired - staying) }, (_, index) =>
    extra(`missing-${index + 1}`, `is not there yet${refused === undefined ? "" : ` (${refused.reason})`}`),
  );
  const left = unfinished(kind, workload);
  const all = [...seen, ...missing];
  const marks = marksFor(expected.rotationId, expected);
  const marked = bears(workload.spec.template.metadata.annotations, marks);
  if (all.length > 0 && isSettled(all) && left !== undefined) return [...all, extra("roll-out", left)];
  const late = workload.status.conditions.some(
    ({ type, reason }) => type === "Progressing" && reason === "ProgressDeadlineExceeded",
  );
  if (marked && late && workload.status.observedGeneration >= workload.metadata.generation) {
    return failing(all, ({ on }) => on !== "old", {
      code: "progress_deadline",
      sentence: "did not become ready within the Deployment's progressDeadlineSeconds (ProgressDeadlineExceeded)",
    });
  }
  const owner = repointer(kind, workload);
  const undone = !marked && left === undefined && bears(workload.metadata.annotations, ownMark(expected));
  if (!undone) return all;
  return failing(all, ({ on, detail }) => on === "old" && detail !== "is ending", {
    code: "restart_undone",
    sentence: `had its restart undone: the pod template no longer bears our annotations${owner === undefined ? "" : ` (it is written by ${owner.source})`}`,
  });
}

/** Says it of the first instance that it fits, if none has failed by itself. */
function failing(
  all: readonly Instance[],
  fits: (instance: Instance) => boolean,
  failure: { readonly code: string; readonly sentence: string },
): readonly Instance[] {
  if (all.some(({ failed }) => failed !== undefined)) return all;
  const first = all.find((instance) => !isSettled([instance]) && fits(instance));
  return all.map((each) => (each === first ? { ...each, failed: { ...failure, lines: [] } } : each));
}

async function told(cluster: Cluster, pod: Pod, failure: Failure): Promise<NonNullable<Instance["failed"]>> {
  const { code, sentence, container, previous = false, said = "" } = failure;
  const { namespace, name } = pod.metadata;
  const read = async (before: boolean): Promise<string | undefined> =>
    container === undefined
      ? undefined
      : await cluster.logs(namespace, name, { container, previous: before, tailLines }).catch((error: unknown) => {
          if (error instanceof KeyturnError) return undefined;
          throw error;
        });
  const text = (await read(previous)) ?? (await read(!previous)) ?? said;
  return { code, sentence, lines: text.split(/\r?\n/).filter((line) => line.trim() !== "") };
}
