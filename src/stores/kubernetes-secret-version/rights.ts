import { z } from "zod";
import type { Cluster } from "../../connections/kubernetes/cluster.ts";
import { Named } from "../../connections/kubernetes/objects.ts";
import { type Resource, rightsHint, ruleFor } from "../../connections/kubernetes/resource.ts";
import { versionLabel } from "../../connections/kubernetes/versions.ts";
import { GiveUp } from "../../core/errors.ts";
import type { Finding } from "../../core/ports.ts";
import { type Family, secretAt, versionName } from "./family.ts";
import { fixedNames } from "./publish-fixed.ts";
import { listed } from "./users.ts";

/** A trial answers an object without a version. */
export const Tried = z.object({});

type Probe = { readonly verbs: readonly string[]; readonly of: Resource; readonly ask: () => Promise<unknown> };

/** The rights that are missing for versions with names of their own: errors where nothing could be published, a warning where nothing would be cleaned up. */
export async function missingForNew(family: Family): Promise<readonly Finding[]> {
  const { cluster } = family;
  const all = secretAt(family);
  const never = secretAt(family, versionName(family, 99));
  const body = { apiVersion: "v1", kind: "Secret", metadata: { name: never.name } };
  const needed: readonly Probe[] = [
    ...lists(family, "templates"),
    { verbs: ["get"], of: all, ask: () => cluster.find(never, Named) },
    { verbs: ["create"], of: all, ask: () => cluster.create(all, body, Tried, { dryRun: true }) },
  ];
  const labelSelector = `${versionLabel}=${family.name}`;
  const cleaning: readonly Probe[] = [
    ...lists(family, "all"),
    { verbs: ["list"], of: all, ask: () => cluster.list(all, Named, { labelSelector }) },
    { verbs: ["delete"], of: all, ask: () => cluster.delete(never, undefined, { dryRun: true }) },
  ];
  const missing = await refused(needed);
  if (missing.length > 0) return missing.map((probe) => lacks(probe, "error"));
  return (await refused(cleaning)).map((probe) => lacks(probe, "warning"));
}

/** The rights that are missing for two fixed names: nothing is made and nothing deleted. */
export async function missingForFixed(family: Family): Promise<readonly Finding[]> {
  const { cluster, name } = family;
  const probes = [name, ...fixedNames(family)].flatMap((each): readonly Probe[] => {
    const of = secretAt(family, each);
    const get: Probe = { verbs: ["get"], of, ask: () => cluster.find(of, Named) };
    if (each === name) return [get];
    const patch = () => cluster.patch(of, { kind: "merge", body: {} }, Named, { dryRun: true });
    return [get, { verbs: ["patch"], of, ask: patch }];
  });
  return (await refused([...lists(family, "running"), ...probes])).map((probe) => lacks(probe, "error"));
}

function lists({ cluster, namespace }: Family, scope: Parameters<typeof listed>[0]): readonly Probe[] {
  return listed(scope).map(([, api, resource]) => {
    const of: Resource = { api, resource, namespace };
    return { verbs: ["list"], of, ask: () => seen(cluster, of) };
  });
}

/** Asks for what can hardly be there: only whether it may be asked for matters. */
async function seen(cluster: Cluster, of: Resource): Promise<void> {
  await cluster.list(of, Named, { fieldSelector: "metadata.name=keyturn-may-list" });
}

async function refused(probes: readonly Probe[]): Promise<readonly Probe[]> {
  const missing: Probe[] = [];
  for (const probe of probes) {
    try {
      await probe.ask();
    } catch (error) {
      if (!(error instanceof GiveUp)) throw error;
      if (error.code === "kubernetes_forbidden") missing.push(probe);
    }
  }
  return missing;
}

function lacks({ verbs, of }: Probe, severity: "error" | "warning"): Finding {
  const what = `${verbs.join(" and ")} ${of.resource}${of.name === undefined ? "" : `/${of.name}`} in ${of.namespace ?? ""}`;
  const rest = { hint: rightsHint(verbs, of), command: ruleFor(verbs, of) };
  if (severity === "error")
    return { severity, code: "kubernetes_forbidden", sentence: `Keyturn may not ${what}`, ...rest };
  const sentence = `Keyturn may not ${what}: old versions stay until somebody deletes them`;
  return { severity, code: "versions_stay", sentence, ...rest };
}
