import type { Cluster } from "../../connections/kubernetes/cluster.ts";
import { GiveUp } from "../../core/errors.ts";
import type { Session } from "../../core/ports.ts";
import { type At, Stored } from "./form.ts";

/** Stands on an object for the instant between a holder's first and second patch. */
const annotation = "keyturn.dev/writing";

/** Among the annotations of the second patch: takes the claim away. */
export const released = { [annotation]: null } as const;

/** The first patch of a write: says who is about to write. Only on the version that was read; answers the next one. */
export async function claim(cluster: Cluster, of: At, { rotationId, epoch }: Session, expect: string): Promise<string> {
  const metadata = { resourceVersion: expect, annotations: { [annotation]: `${rotationId}:${epoch}` } };
  return (await cluster.patch(of, { kind: "merge", body: { metadata } }, Stored)).metadata.resourceVersion;
}

/** The second patch: the data, on the version that the claim made, and the claim taken away. Where it is refused for good too. */
export async function writeClaimed(
  cluster: Cluster,
  of: At,
  claimed: string,
  data: Readonly<Record<string, string | null>>,
): Promise<string> {
  const metadata = { resourceVersion: claimed, annotations: released };
  try {
    return (await cluster.patch(of, { kind: "merge", body: { metadata, data } }, Stored)).metadata.resourceVersion;
  } catch (error) {
    if (error instanceof GiveUp) {
      // The refusal is what matters; a claim that stays is taken away by the next holder.
      await cluster.patch(of, { kind: "merge", body: { metadata } }, Stored).catch(() => undefined);
    }
    throw error;
  }
}

/**
 * Takes away a claim of an older holder of this rotation, which moves the version that its second patch needs. A claim that
 * arrives later still is followed by a look at the lease.
 */
export async function dropOlderClaim(cluster: Cluster, of: At, { rotationId, epoch }: Session): Promise<void> {
  const object = await cluster.find(of, Stored);
  const [who, when] = (object?.metadata.annotations[annotation] ?? "").split(":");
  if (object === undefined || who !== rotationId || !(Number(when) < epoch)) return;
  const metadata = { resourceVersion: object.metadata.resourceVersion, annotations: released };
  await cluster.patch(of, { kind: "merge", body: { metadata } }, Stored);
}
