import type { Rotation } from "./rotation.ts";
import type { Headline } from "./state.ts";

/** The row that lists show and the sweeper reads: what a rotation is doing, in one line, and when somebody must look again. */
export function headlineOf(rotation: Rotation): Headline {
  const { plan } = rotation;
  return {
    id: rotation.id,
    secret: plan.secret,
    environment: plan.environment,
    status: statusOf(rotation),
    line: lineOf(rotation),
    openedAt: rotation.openedAt,
    dueAt: dueAt(rotation),
  };
}

/** What people see as the state of a rotation. */
function statusOf(rotation: Rotation): Headline["status"] {
  if (rotation.phase !== "approved") {
    return rotation.phase;
  }
  if (rotation.block !== undefined) {
    return "blocked";
  }
  return rotation.hold !== undefined && rotation.direction === "forward" ? "held" : "running";
}

function lineOf(rotation: Rotation): string {
  if (rotation.ended !== undefined) {
    return rotation.ended.sentence;
  }
  if (rotation.block !== undefined) {
    return `blocked: ${rotation.block.reason.sentence}`;
  }
  if (rotation.phase === "pending") {
    return "waiting for approval";
  }
  const steps = rotation.direction === "forward" ? rotation.plan.steps : rotation.plan.back;
  const step =
    steps.find(({ id }) => rotation.steps[id]?.status === "started") ??
    steps.find(({ id }) => rotation.steps[id]?.status !== "done");
  const way = rotation.direction === "back" ? "going back: " : "";
  return `${way}${step?.title ?? "finishing"}${rotation.hold === undefined ? "" : " (held)"}`;
}

function dueAt(rotation: Rotation): string | undefined {
  if (rotation.phase === "ended") {
    return undefined;
  }
  if (rotation.phase === "pending") {
    return rotation.expiresAt;
  }
  return rotation.hold?.until ?? rotation.openedAt;
}
