import type { ContainerStatus, Pod } from "./objects.ts";

/** Why a pod will not become ready by waiting. `container` and `previous`: whose last words tell why; `said`: what Kubernetes says of it. */
export type Failure = {
  readonly code: string;
  readonly sentence: string;
  readonly container?: string;
  readonly previous?: boolean;
  readonly said?: string;
};

const images = ["ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError"];
const configs = ["CreateContainerConfigError", "CreateContainerError", "RunContainerError"];
/** An autoscaler or a descheduler may need this long to make room. */
const schedulingMs = 10_000;

/** The first reason that a pod gives. `now`: the API server's clock, ms since 1970; asked only for what nobody could place. Pure but for that. */
export async function failureOf(pod: Pod, now: () => Promise<number>): Promise<Failure | undefined> {
  const all = [...pod.status.initContainerStatuses, ...pod.status.containerStatuses];
  for (const status of all) {
    const failed = ofContainer(status);
    if (failed !== undefined) return failed;
  }
  const placed = pod.status.conditions.find(({ type }) => type === "PodScheduled");
  if (placed?.status !== "False" || placed.reason !== "Unschedulable") return undefined;
  const since = Date.parse(placed.lastTransitionTime ?? pod.metadata.creationTimestamp);
  if ((await now()) - since < schedulingMs) return undefined;
  return { code: "pod_unschedulable", sentence: "fits on no node (Unschedulable)", said: placed.message };
}

function ofContainer({ name, ready, restartCount, state, lastState }: ContainerStatus): Failure | undefined {
  const reason = state.waiting?.reason ?? "";
  const said = state.waiting?.message ?? "";
  if (images.includes(reason)) {
    return { code: "pod_image", sentence: `cannot get the image of container ${name} (${reason})`, said };
  }
  if (configs.includes(reason)) {
    return { code: "pod_config", sentence: `container ${name} cannot be started (${reason})`, said };
  }
  const ended = state.terminated ?? lastState.terminated;
  const crashed = reason === "CrashLoopBackOff" || (!ready && restartCount >= 2 && (ended?.exitCode ?? 0) !== 0);
  if (!crashed) return undefined;
  const times = `${restartCount} ${restartCount === 1 ? "restart" : "restarts"}`;
  const code = ended === undefined ? "" : `, exit code ${ended.exitCode}`;
  return {
    code: "pod_crashes",
    sentence: `container ${name} crashes (${reason === "" ? "restarted again and again" : reason}${code}, ${times})`,
    container: name,
    previous: state.terminated === undefined,
  };
}
