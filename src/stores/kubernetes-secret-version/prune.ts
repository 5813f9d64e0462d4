import { z } from "zod";
import { Metadata } from "../../connections/kubernetes/objects.ts";
import { isVersionOf, versionLabel } from "../../connections/kubernetes/versions.ts";
import { LostRace } from "../../core/errors.ts";
import { type Family, secretAt } from "./family.ts";
import { fixedNames } from "./publish-fixed.ts";
import { usersOf } from "./users.ts";

/** Of an object that may be deleted nothing but its name matters. */
const Labelled = z.object({ metadata: Metadata });

/**
 * Deletes the versions that nothing refers to any more: no workload, no ReplicaSet and no ControllerRevision of the history, no
 * pod, Job, CronJob or Ingress. Only objects that bear our label and a name that Keyturn makes. Where nothing refers to any
 * version at all, nothing is deleted: then it cannot be told what is in use. Returns the names.
 */
export async function prune(family: Family): Promise<readonly string[]> {
  const { cluster, name } = family;
  // First what there is, then who refers to it: what is made in between is not among the candidates.
  const labelled = await cluster.list(secretAt(family), Labelled, { labelSelector: `${versionLabel}=${name}` });
  const kept = [name, ...fixedNames(family)];
  const versions = labelled.filter(({ metadata }) => isVersionOf(name, metadata.name) && !kept.includes(metadata.name));
  if (versions.length === 0) return [];
  const users = await usersOf(family, "all");
  if (users.size === 0) return [];
  const deleted: string[] = [];
  for (const { metadata } of versions.filter((version) => !users.has(version.metadata.name))) {
    const { uid, resourceVersion } = metadata;
    try {
      await cluster.delete(secretAt(family, metadata.name), { uid, resourceVersion });
      deleted.push(metadata.name);
    } catch (error) {
      if (!(error instanceof LostRace)) throw error;
    }
  }
  return deleted;
}
