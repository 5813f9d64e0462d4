import type { Instance } from "../../core/ports.ts";
import { bears, type Marks } from "./marks.ts";
import { type Move, standing } from "./moves.ts";
import type { Pod } from "./objects.ts";

/**
 * What a pod is judged by. `marks`: of the restart for this publish. `markedAtMs`: when the workload was marked, by the API
 * server's clock; `sinceMs`: when it was published, by another clock.
 */
export type Measure = {
  readonly marks: Marks;
  readonly moves: readonly Move[];
  readonly markedAtMs: number | undefined;
  readonly sinceMs: number;
  readonly isReloaded: (pod: Pod) => boolean;
};

/** How far the clocks of the journal's database and of the API server may differ before a pod is taken for new that is not. */
const clocksMs = 2_000;

/**
 * Which value a pod runs on, and whether it is ready. It is on the new one when it reads the places of the publish (where
 * there are such), and was made after it: it bears the marks of the restart, Reloader's digest, or a time that leaves no
 * doubt. A pod that is ending is old until it is gone: it may still serve. Pure.
 */
export function judged(pod: Pod, measure: Measure): Pick<Instance, "on" | "ready" | "detail"> {
  if (pod.metadata.deletionTimestamp !== undefined) return { on: "old", ready: false, detail: "is ending" };
  const ready = isReady(pod);
  const state = ready ? "ready" : `not ready${why(pod)}`;
  const there = standing(pod.spec, measure.moves);
  if (there.on !== "new") return { on: there.on, ready, detail: `${state}; ${there.detail}` };
  const on = isLater(pod, measure) ? "new" : "old";
  const since = `started ${pod.metadata.creationTimestamp}, ${on === "new" ? "after" : "not after"} the publish`;
  return { on, ready, detail: `${state}; ${since}${there.detail === "" ? "" : `; ${there.detail}`}` };
}

function isLater(pod: Pod, { marks, markedAtMs, sinceMs, isReloaded }: Measure): boolean {
  if (bears(pod.metadata.annotations, marks) || isReloaded(pod)) return true;
  // Cut to the second: a pod of the same second may be older.
  const madeMs = Date.parse(pod.metadata.creationTimestamp);
  return markedAtMs === undefined ? madeMs > sinceMs + clocksMs : madeMs > markedAtMs;
}

function isReady({ status }: Pod): boolean {
  return status.conditions.some((condition) => condition.type === "Ready" && condition.status === "True");
}

function why({ status }: Pod): string {
  const all = [...status.initContainerStatuses, ...status.containerStatuses];
  const waiting = all.find(({ ready, state }) => !ready && (state.waiting?.reason ?? "") !== "");
  const reason = waiting?.state.waiting?.reason ?? (status.phase === "Running" ? "" : status.phase);
  return reason === "" ? "" : ` (${reason})`;
}
