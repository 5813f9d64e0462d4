import type { Cluster } from "../../connections/kubernetes/cluster.ts";
import type { Shared } from "../../connections/kubernetes/lists.ts";
import { Named } from "../../connections/kubernetes/objects.ts";
import type { Resource } from "../../connections/kubernetes/resource.ts";
import { GiveUp, LostRace, TryLater } from "../../core/errors.ts";
import type { Expected } from "../../core/ports.ts";
import type { Config } from "./config.ts";
import { bears, marksFor, ownMark } from "./marks.ts";
import { movesFor, standing } from "./moves.ts";
import { Workload } from "./objects.ts";
import { repointPatch, restartPatch } from "./patches.ts";
import { obstacle } from "./progress.ts";
import { reloaderOf } from "./reloader.ts";
import { reloadedFor } from "./reloader-digest.ts";
import { reloaderPauseEnd } from "./reloader-pause.ts";
import { serverTime } from "./server-time.ts";
import { repointer, resourceOf, type Subject, unitOf } from "./workloads.ts";

/** How long Reloader is given to begin a roll-out of its own, and to end its pause. */
const reloaderMs = 60_000;

/**
 * Starts one roll-out with one patch, or none where the template is as it should be. What would not roll out is refused.
 *
 * @throws GiveUp workload_paused, workload_on_delete, workload_partitioned, zero_consumers, workload_owned, nothing_to_repoint
 * @throws TryLater workload_changed: somebody wrote it at the same moment; reloader_waiting, reloader_pauses
 */
export async function reloadWorkload(
  shared: Shared,
  subject: Subject,
  config: Config,
  rotationId: string,
  expected: Expected,
): Promise<void> {
  const cluster = await shared.cluster();
  const of = resourceOf(subject, subject.name);
  const workload = await cluster.get(of, Workload);
  const { template } = workload.spec;
  const moves = await movesFor(cluster, config, expected, [template.spec]);
  const marks = marksFor(rotationId, expected);
  const there = standing(template.spec, moves);
  if (there.on === "new" && bears(template.metadata.annotations, marks)) return;
  const stopped = obstacle(subject.kind, workload);
  if (stopped !== undefined) {
    await waitWhilePaused(cluster, subject, workload, expected);
    throw new GiveUp(stopped.code, stopped.sentence, { hint: stopped.command });
  }
  if (there.on === "unknown") {
    throw new GiveUp(
      "nothing_to_repoint",
      `${unitOf(subject)} ${there.detail}: no reference could be pointed at the new one`,
    );
  }
  const owner = moves.length === 0 ? undefined : repointer(subject.kind, workload);
  if (owner !== undefined) {
    throw new GiveUp("workload_owned", `${unitOf(subject)} is written by ${owner.source}`, {
      hint: "it would point it back; publish in place (kubernetes-secret), or change the name at that source",
    });
  }
  if (moves.length === 0 && (await leftToReloader(cluster, subject, config, workload, expected))) return;
  const own = ownMark(expected);
  const patch = moves.length === 0 ? restartPatch(marks, own) : repointPatch(workload, marks, own, moves);
  try {
    await cluster.patch(of, patch, Named);
  } catch (error) {
    if (!(await isOvertaken(cluster, of, workload, error))) throw error;
    throw new TryLater("workload_changed", `${unitOf(subject)} was changed by somebody else at the same moment`, {
      afterMs: 500,
    });
  } finally {
    shared.changed(subject.namespace);
  }
}

/** A pause by Reloader ends by itself. One that is over by a minute was not ended by it: then a person has to. */
async function waitWhilePaused(
  cluster: Cluster,
  subject: Subject,
  workload: Workload,
  expected: Expected,
): Promise<void> {
  const end = reloaderPauseEnd(workload);
  if (end === undefined) return;
  const leftMs = end - (await serverTime(cluster, expected));
  if (leftMs < -reloaderMs) return;
  throw new TryLater(
    "reloader_pauses",
    `${unitOf(subject)} is paused by Stakater Reloader until ${new Date(end).toISOString()}`,
    { afterMs: Math.max(2_000, Math.min(leftMs, 30_000)) },
  );
}

/**
 * Whether the patch was refused because the workload is not what was read any more. The API server applies a JSON patch before it
 * compares versions: where an edit moved or removed what the patch names, it answers 422, not 409.
 */
async function isOvertaken(cluster: Cluster, of: Resource, read: Workload, error: unknown): Promise<boolean> {
  if (error instanceof LostRace) return true;
  if (!(error instanceof GiveUp) || error.code !== "kubernetes_invalid") return false;
  const { metadata } = await cluster.get(of, Named);
  return metadata.resourceVersion !== read.metadata.resourceVersion;
}

/** Whether Reloader has begun a roll-out for this publish. While it may still do so, nobody else restarts. */
async function leftToReloader(
  cluster: Cluster,
  subject: Subject,
  config: Config,
  workload: Workload,
  expected: Expected,
): Promise<boolean> {
  if (reloaderOf(workload, config) === undefined) return false;
  const { metadata, spec } = workload.spec.template;
  const marked = { annotations: metadata.annotations, spec };
  if ((await reloadedFor(cluster, subject.namespace, marked, config, expected))(marked)) return true;
  const waitedMs = (await serverTime(cluster, expected)) - Date.parse(expected.since);
  if (waitedMs >= reloaderMs) return false;
  throw new TryLater(
    "reloader_waiting",
    `Stakater Reloader restarts ${unitOf(subject)} by itself; it has not begun yet`,
    {
      afterMs: 2_000,
    },
  );
}
