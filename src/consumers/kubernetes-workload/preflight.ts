import type { Cluster } from "../../connections/kubernetes/cluster.ts";
import type { Shared } from "../../connections/kubernetes/lists.ts";
import { strangersAmong } from "../../connections/kubernetes/versions.ts";
import type { Finding } from "../../core/ports.ts";
import { type Config, type Used, usedOf, usedWords } from "./config.ts";
import { lookAt } from "./instances.ts";
import { laggards } from "./laggards.ts";
import { type PodSpec, Workload } from "./objects.ts";
import { obstacle } from "./progress.ts";
import { referencesIn, refersTo, secretsIn } from "./references.ts";
import { reloaderOf } from "./reloader.ts";
import { missingRights } from "./rights.ts";
import {
  desiredPods,
  repointer,
  resourceOf,
  type Subject,
  templateOwners,
  unitOf,
  type WorkloadKind,
} from "./workloads.ts";

/** Rights, whether a restart would begin and what it interrupts, who may undo it, and who is not reached by it. Reads only. */
export async function preflight(shared: Shared, subject: Subject, config: Config): Promise<readonly Finding[]> {
  const cluster = await shared.cluster();
  const findings: Finding[] = [...(await missingRights(cluster, subject))];
  if (findings.some(({ severity }) => severity === "error")) return findings;
  const workload = await cluster.find(resourceOf(subject, subject.name), Workload);
  if (workload === undefined) {
    const sentence = `there is no ${unitOf(subject)} in ${subject.namespace}`;
    return [{ severity: "error", code: "workload_missing", sentence }];
  }
  const uses = await Promise.all(config.uses.map((text) => told(cluster, subject, workload, usedOf(text))));
  findings.push(...findingsOf(subject.kind, workload, config));
  for (const used of uses) findings.push(...(await unused(shared, subject, workload, used)));
  for (const used of uses) findings.push(...(await laggards(shared, subject.namespace, used)));
  return findings;
}

/** What it uses, with what it reads beside it that is only called so. */
async function told(cluster: Cluster, subject: Subject, workload: Workload, used: Used): Promise<Used> {
  if (used.kind !== "secret-version") return used;
  const names = secretsIn([workload.spec.template.spec]);
  return { ...used, strangers: await strangersAmong(cluster, subject.namespace, used.name, names) };
}

/** What the workload alone tells. Pure. */
function findingsOf(kind: WorkloadKind, workload: Workload, config: Config): readonly Finding[] {
  const unit = `${kind}/${workload.metadata.name}`;
  const stopped = obstacle(kind, workload);
  const interruption = interrupts(kind, workload);
  const reloader = reloaderOf(workload, config);
  const repoints = config.uses.some((text) => usedOf(text).kind === "secret-version");
  return [
    ...(stopped === undefined ? [] : [{ severity: "error" as const, ...stopped }]),
    ...(interruption === undefined
      ? []
      : [
          {
            severity: "warning" as const,
            code: "restart_interrupts",
            sentence: `${unit}: this restart interrupts service: ${interruption}`,
          },
        ]),
    ...(reloader === undefined || repoints
      ? []
      : [
          {
            severity: "info" as const,
            code: "reloader",
            sentence: `${unit} is restarted by Stakater Reloader: Keyturn waits for its roll-out, and restarts it only when none has begun after a minute`,
          },
        ]),
    ...(reloader?.pausePeriod === undefined
      ? []
      : [
          {
            severity: "warning" as const,
            code: "reloader_pauses",
            sentence: `${unit} is paused by Stakater Reloader for ${reloader.pausePeriod} at each change: Keyturn waits, and each roll-out, one back too, begins only then`,
            hint: "take the annotation deployment.reloader.stakater.com/pause-period off for the rotation",
          },
        ]),
    ...owned(kind, workload, repoints),
  ];
}

function owned(kind: WorkloadKind, workload: Workload, repoints: boolean): readonly Finding[] {
  const unit = `${kind}/${workload.metadata.name}`;
  const back = repointer(kind, workload);
  if (repoints && back !== undefined) {
    return [
      {
        severity: "error",
        code: "workload_owned",
        sentence: `${unit} is written by ${back.source}: it would point the workload back at the Secret before`,
        hint: "publish in place (kubernetes-secret), or change the name at that source",
      },
    ];
  }
  const byTools = templateOwners(kind, workload).flatMap(({ tool, source }): readonly Finding[] => {
    const applied = tool === "apply" && repoints;
    if (tool !== "argo-cd" && tool !== "controller" && !applied) return [];
    const what = applied
      ? "its next apply names the Secret before again"
      : "it may take the restart's annotations out again";
    return [
      {
        severity: "warning",
        code: applied ? "apply_may_undo" : "gitops_may_undo",
        sentence: `${unit} is written by ${source}: ${what}`,
        ...(tool === "argo-cd" ? { hint: ignoreDifferences } : {}),
      },
    ];
  });
  return repoints && lastApplied in workload.metadata.annotations ? [...byTools, nextApply(unit)] : byTools;
}

/** What a client-side `kubectl apply` leaves: it owns the reference without being on record as a manager that applies. */
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";

function nextApply(unit: string): Finding {
  return {
    severity: "warning",
    code: "apply_may_undo",
    sentence: `${unit} was made by kubectl apply: the next apply of that file names the Secret before again, and its login is dead after the rotation`,
    hint: "write the new name into the file before it is applied again, or publish in place (kubernetes-secret)",
  };
}

/** What keeps selfHeal from undoing a restart (argo-cd#3150). */
const ignoreDifferences =
  "in the Application: ignoreDifferences: [{ group: apps, kind: '*', jqPathExpressions: ['.spec.template.metadata.annotations.\"kubectl.kubernetes.io/restartedAt\"', '.spec.template.metadata.annotations.\"keyturn.dev/rotation\"', '.spec.template.metadata.annotations.\"keyturn.dev/published\"'] }], and the sync option RespectIgnoreDifferences=true";

/** Why pods are gone before others are there; undefined when the strategy keeps some. */
function interrupts(kind: WorkloadKind, workload: Workload): string | undefined {
  const { strategy, updateStrategy } = workload.spec;
  const desired = desiredPods(kind, workload);
  if (desired === 0) return undefined;
  if (kind === "daemonset") {
    const surge = updateStrategy?.rollingUpdate?.maxSurge ?? 0;
    return surge === 0 || surge === "0%" ? "each node is without its pod for a moment" : undefined;
  }
  if (kind === "statefulset") return desired === 1 ? "its only pod ends before the next one starts" : undefined;
  if (strategy?.type === "Recreate") return "all pods end before the first new one starts (Recreate)";
  const unavailable = strategy?.rollingUpdate?.maxUnavailable ?? 0;
  const share = typeof unavailable === "string" ? (Number.parseInt(unavailable, 10) / 100) * desired : unavailable;
  return Math.floor(share) >= desired ? `all pods may end at once (maxUnavailable ${unavailable})` : undefined;
}

/** A pull secret may be the ServiceAccount's: then only pods name it. What is pointed at another one stands in the template. */
async function unused(shared: Shared, subject: Subject, { spec }: Workload, used: Used): Promise<readonly Finding[]> {
  const reads = (each: PodSpec): boolean => referencesIn(each).some((reference) => refersTo(reference, used));
  if (reads(spec.template.spec)) return [];
  const repoints = used.kind === "secret-version";
  const { pods = [] } = repoints ? {} : ((await lookAt(shared, subject)) ?? {});
  if (pods.some((pod) => reads(pod.spec))) return [];
  return [
    {
      severity: repoints ? "error" : "warning",
      code: repoints ? "nothing_to_repoint" : "not_used",
      sentence: `${unitOf(subject)} refers to no ${usedWords(used)}`,
    },
  ];
}
