import { z } from "zod";
import type { Cluster } from "../../connections/kubernetes/cluster.ts";
import { type Owner, ownersOf } from "../../connections/kubernetes/owner.ts";
import type { Finding } from "../../core/ports.ts";
import type { At, Form, Stored } from "./form.ts";
import { keyOf } from "./keys.ts";
import { leavesAlone, remoteOf } from "./sources.ts";

/** Of a store entry: the chart's own word is not in the cluster, so a person gives it. */
export const HelmKeeps = z
  .literal(true)
  .exactOptional()
  .describe(
    "it belongs to a Helm release whose upgrades leave these keys: no template of the chart sets them, or it keeps what it finds",
  );

type Where = { readonly form: Form; readonly cluster: Cluster; readonly of: At; readonly helmKeeps: boolean };

/** Who would write over these keys, each with the place where the secret really comes from. */
export async function ownership(
  { form, cluster, of, helmKeeps }: Where,
  object: Stored,
  keys: readonly string[],
): Promise<readonly Finding[]> {
  const names = [...new Set(keys.map((name) => keyOf(name).dataKey))];
  const owners = ownersOf(
    form.kind,
    object.metadata,
    names.map((name) => ["data", name]),
  );
  const findings: Finding[] = [];
  for (const owner of owners) {
    if (owner.tool === "sealed-secrets" && (await leavesAlone(cluster, owner, object, names))) continue;
    const from = owner.tool === "external-secrets" ? await remoteOf(cluster, owner, names) : "";
    findings.push(findingFor(`${form.kind} ${of.namespace}/${of.name}`, owner, from, helmKeeps));
  }
  return findings;
}

function findingFor(what: string, { tool, source, name, wrote }: Owner, from: string, helmKeeps: boolean): Finding {
  const refused = (code: string, sentence: string, hint: string): Finding => ({
    severity: "error",
    code,
    sentence,
    hint,
  });
  switch (tool) {
    case "external-secrets":
      return refused(
        "owned_by_external_secrets",
        `${what} is written by ${source}${from}: what stands in it is replaced at the next refresh`,
        "publish to the store that it reads, and let it refresh",
      );
    case "sealed-secrets":
      return refused(
        "owned_by_sealed_secrets",
        `${what} is unsealed from ${source}: what stands in it is replaced`,
        "publish to the SealedSecret in Git",
      );
    case "argo-cd":
      return refused(
        "owned_by_argo_cd",
        `${what} belongs to ${source}: a sync puts back what Git says`,
        "take it out of the application, or publish to where it gets the value",
      );
    case "flux":
      return refused(
        "owned_by_flux",
        `${what} belongs to ${source}: it is applied again at every interval`,
        "publish to Git, or annotate it with kustomize.toolkit.fluxcd.io/ssa: IfNotPresent where it comes from",
      );
    case "controller":
      return refused(
        "owned_by_controller",
        `${what} is made by ${source}, which keeps it as it wants it`,
        `change ${source}`,
      );
    case "helm":
      return (wrote || name !== "") && !helmKeeps
        ? refused(
            "owned_by_helm",
            `${what} belongs to ${source}: where a template of the chart sets this key, the next helm upgrade or rollback puts that value back, even over one that was written by hand, or fails as a conflict`,
            "take the key out of the chart (most have a setting such as existingSecret), then apply it by hand; where no template sets it (`helm get manifest`), or the chart keeps what it finds, say helmKeeps: true in this entry",
          )
        : {
            severity: "warning",
            code: "part_of_helm_release",
            sentence: `${what} is part of ${source}: a helm upgrade or rollback replaces this key if the release's manifest has it`,
            hint: "see `helm get manifest` for the key; a chart that looks the existing value up keeps it, a rollback does not",
          };
    case "apply":
      return {
        severity: "warning",
        code: "applied_elsewhere",
        sentence: `${what} got this key from ${source} by server-side apply: its next apply is refused as a conflict, or puts its own value back`,
        hint: "take the key out of what is applied",
      };
  }
}
