import { type Failure, failureOf } from "./failure.ts";
import type { Pod, Workload } from "./objects.ts";

/** `isRepointed`: what it reads stands elsewhere now, so that a restart of its containers reads the same again. */
type Held = {
  readonly isRepointed: boolean;
  readonly sinceMs: number;
  readonly withinMs: number;
  /** The API server's clock, ms since 1970. */
  readonly now: () => Promise<number>;
};

/**
 * Whether a StatefulSet waits in vain for a pod that is not ready: one of pods in their order (OrderedReady, the default)
 * replaces none, not even this one, before all are ready (stateful_set_control.go of Kubernetes 1.36). One that fails on what it
 * read, and would read it again, is told at once; another has a quarter of the time that a roll-out may take.
 */
export async function holdUpOf(
  { metadata, spec, status }: Workload,
  pod: Pod,
  { isRepointed, sinceMs, withinMs, now }: Held,
): Promise<Failure | undefined> {
  if (spec.podManagementPolicy !== "OrderedReady" || status.observedGeneration < metadata.generation) return undefined;
  const { name, namespace, labels, deletionTimestamp, creationTimestamp } = pod.metadata;
  if (deletionTimestamp !== undefined || labels["controller-revision-hash"] === status.updateRevision) return undefined;
  const failure = await failureOf(pod, now);
  if (failure === undefined || !isRepointed) {
    const ready = pod.status.conditions.find(({ type }) => type === "Ready");
    const fromMs = Math.max(sinceMs, Date.parse(ready?.lastTransitionTime ?? creationTimestamp));
    if ((await now()) - fromMs < withinMs / 4) return undefined;
  }
  const why = failure === undefined ? "is not ready" : failure.sentence;
  return {
    ...failure,
    code: "pod_holds_up",
    sentence: `${why}; the StatefulSet replaces no pod before this one is ready (OrderedReady): kubectl -n ${namespace} delete pod ${name}`,
  };
}
