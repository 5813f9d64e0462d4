import { leftOut, type ReadyPod } from "../../connections/kubernetes/ready-pods.ts";
import type { Looks } from "../looks.ts";

/** So many pods are asked at the same time. */
const atOnce = 8;

/**
 * Looks at every pod that was found, some at a time. What could not be looked at is kept beside what was seen: a pod that is
 * red elsewhere is red all the same.
 */
export async function lookAtEach(
  { ready, waiting }: { readonly ready: readonly ReadyPod[]; readonly waiting: number },
  look: (pod: ReadyPod) => Promise<{ readonly failed: readonly string[]; readonly summary: string }>,
): Promise<Looks> {
  const settled = [];
  for (let from = 0; from < ready.length; from += atOnce) {
    const some = ready.slice(from, from + atOnce);
    settled.push(...(await Promise.allSettled(some.map(async (pod) => ({ ...(await look(pod)), name: pod.name })))));
  }
  const aside = leftOut(waiting);
  return {
    looks: settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : [])),
    blind: settled.flatMap((one) => (one.status === "rejected" ? [one.reason] : [])),
    ...(aside === undefined ? {} : { aside }),
  };
}
