import { type Shared, sharedList } from "../../connections/kubernetes/lists.ts";
import type { Resource } from "../../connections/kubernetes/resource.ts";
import { GiveUp } from "../../core/errors.ts";
import type { Finding } from "../../core/ports.ts";
import { type Used, usedWords } from "./config.ts";
import { CronJob, Ingress, Job, type PodSpec } from "./objects.ts";
import { controllerOf, listPods, listReplicaSets } from "./pods.ts";
import { referencesIn, refersTo } from "./references.ts";

const listJobs = sharedList(Job);
const listCronJobs = sharedList(CronJob);
const listIngresses = sharedList(Ingress);

/** More names than this are counted. */
const namesShown = 10;

/**
 * Whoever refers to what a workload uses and is reached by no restart of workloads: Jobs and CronJobs, pods that no
 * Deployment, StatefulSet or DaemonSet keeps, and the TLS parts of Ingresses. What may not be looked at is said.
 */
export async function laggards(shared: Shared, namespace: string, used: Used): Promise<readonly Finding[]> {
  const uses = (spec: PodSpec): boolean => referencesIn(spec).some((reference) => refersTo(reference, used));
  const what = usedWords(used);
  const looks: readonly (() => Promise<Finding | undefined>)[] = [
    async () => {
      const jobs = await listJobs(shared, at("batch/v1", "jobs", namespace));
      const running = jobs.filter(({ status, spec }) => !status.conditions.some(isEnd) && uses(spec.template.spec));
      return named(running, "job", `keeps the ${what} that it was started with: no restart reaches it`);
    },
    async () => {
      const all = await listCronJobs(shared, at("batch/v1", "cronjobs", namespace));
      const found = all.filter(({ spec }) => uses(spec.jobTemplate.spec.template.spec));
      const then =
        used.kind === "secret-version"
          ? "refers to a version of it by name, and nobody points it at the next one"
          : "its next run reads what is published then, one that runs now does not";
      return named(found, "cronjob", `reads ${what}: ${then}`);
    },
    async () => {
      const sets = await listReplicaSets(shared, at("apps/v1", "replicasets", namespace));
      const kept = new Set(
        sets.filter((set) => controllerOf(set)?.kind === "Deployment").map(({ metadata }) => metadata.uid),
      );
      const isBare = (pod: Parameters<typeof controllerOf>[0]): boolean => {
        const controller = controllerOf(pod);
        if (controller === undefined) return true;
        if (controller.kind === "ReplicaSet") return !kept.has(controller.uid);
        return !["StatefulSet", "DaemonSet", "Job"].includes(controller.kind);
      };
      const pods = await listPods(shared, at("v1", "pods", namespace));
      const running = pods.filter(
        (pod) => !["Succeeded", "Failed"].includes(pod.status.phase) && isBare(pod) && uses(pod.spec),
      );
      return named(
        running,
        "pod",
        `reads ${what} and belongs to no Deployment, StatefulSet or DaemonSet: no restart reaches it`,
      );
    },
    async () => {
      if (used.kind === "configmap") return undefined;
      const all = await listIngresses(shared, at("networking.k8s.io/v1", "ingresses", namespace));
      const found = all.filter(({ spec }) =>
        spec.tls.some(({ secretName = "" }) => refersTo({ kind: "secret", name: secretName }, used)),
      );
      return named(found, "ingress", `serves the certificate in ${what}: its controller reads it by itself`);
    },
  ];
  const findings: Finding[] = [];
  for (const look of looks) {
    const finding = await look().catch((error: unknown) => unseen(error, what));
    if (finding !== undefined) findings.push(finding);
  }
  return findings;
}

function at(api: string, resource: string, namespace: string): Resource {
  return { api, resource, namespace };
}

function isEnd({ type, status }: { readonly type: string; readonly status: string }): boolean {
  return status === "True" && (type === "Complete" || type === "Failed");
}

function named(
  found: readonly { readonly metadata: { readonly name: string } }[],
  kind: string,
  what: string,
): Finding | undefined {
  if (found.length === 0) return undefined;
  const names = found.slice(0, namesShown).map(({ metadata }) => `${kind}/${metadata.name}`);
  const more = found.length > namesShown ? [`${found.length - namesShown} more`] : [];
  return { severity: "warning", code: "laggard", sentence: `${[...names, ...more].join(", ")}: ${what}` };
}

function unseen(error: unknown, what: string): Finding {
  if (!(error instanceof GiveUp) || error.code !== "kubernetes_forbidden") throw error;
  return {
    severity: "warning",
    code: "laggards_unseen",
    sentence: `it cannot be seen who else uses ${what}: ${error.message}`,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  };
}
