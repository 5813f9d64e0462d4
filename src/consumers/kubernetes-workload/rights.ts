import { z } from "zod";
import type { Cluster } from "../../connections/kubernetes/cluster.ts";
import { type Resource, rightsHint, wordsOf } from "../../connections/kubernetes/resource.ts";
import type { Finding } from "../../core/ports.ts";
import { resourceOf, type Subject } from "./workloads.ts";

const Rule = z.object({
  verbs: z.array(z.string()).default([]),
  apiGroups: z.array(z.string()).default([]),
  resources: z.array(z.string()).default([]),
  resourceNames: z.array(z.string()).default([]),
});
type Rule = z.infer<typeof Rule>;
const Review = z.object({
  status: z.object({ resourceRules: z.array(Rule).default([]), incomplete: z.boolean().default(false) }),
});

/**
 * The rights that are missing to look at a workload and restart it, each with the rule to add. One request
 * (SelfSubjectRulesReview, which every login may make); where the server cannot tell all rights, they are warnings.
 */
export async function missingRights(cluster: Cluster, subject: Subject): Promise<readonly Finding[]> {
  const { namespace } = subject;
  const body = {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SelfSubjectRulesReview",
    spec: { namespace },
  };
  const of: Resource = { api: "authorization.k8s.io/v1", resource: "selfsubjectrulesreviews" };
  // Nothing is kept of a review: a dry run of it answers the same, and needs no lease.
  const { status } = await cluster.create(of, body, Review, { dryRun: true });
  return neededBy(subject).flatMap(({ verbs, of: needed }): readonly Finding[] => {
    const missing = verbs.filter((verb) => !status.resourceRules.some((rule) => allows(rule, verb, needed)));
    if (missing.length === 0) return [];
    return [
      {
        severity: status.incomplete ? "warning" : "error",
        code: "kubernetes_rights",
        sentence: `Keyturn may not ${missing.join(" and ")} ${wordsOf(needed)}`,
        hint: rightsHint(missing, needed),
      },
    ];
  });
}

function neededBy(subject: Subject): readonly { readonly verbs: readonly string[]; readonly of: Resource }[] {
  const { namespace, kind, name } = subject;
  const sets: Resource = { api: "apps/v1", resource: "replicasets", namespace };
  return [
    { verbs: ["get", "patch"], of: resourceOf(subject, name) },
    { verbs: ["list"], of: resourceOf(subject) },
    ...(kind === "deployment" ? [{ verbs: ["list"], of: sets }] : []),
    { verbs: ["list"], of: { api: "v1", resource: "pods", namespace } },
    { verbs: ["get"], of: { api: "v1", resource: "pods", namespace, subresource: "log" } },
  ];
}

function allows({ verbs, apiGroups, resources, resourceNames }: Rule, verb: string, of: Resource): boolean {
  const group = of.api.includes("/") ? (of.api.split("/")[0] ?? "") : "";
  const resource = of.subresource === undefined ? of.resource : `${of.resource}/${of.subresource}`;
  const any = (list: readonly string[], ...wanted: readonly string[]): boolean =>
    list.includes("*") || wanted.some((each) => list.includes(each));
  const named = resourceNames.length === 0 || (of.name !== undefined && resourceNames.includes(of.name));
  return any(verbs, verb) && any(apiGroups, group) && any(resources, resource, `*/${of.subresource ?? ""}`) && named;
}
