import { nothingCut } from "./cut.ts";
import { type Explanation, explain, KeyturnError } from "./errors.ts";
import type { Step, StepKind } from "./plan.ts";
import { newMayLive, pastNoReturn, type Rotation, touched, touchedKind } from "./rotation.ts";

/** What is to be done next. Everything that waits says for what, and until when somebody must look again (ISO 8601 UTC). */
export type Action =
  | { readonly kind: "ended" }
  | { readonly kind: "wait"; readonly for: "approval" | "resume" | "person"; readonly until: string | undefined }
  | { readonly kind: "expire" }
  | { readonly kind: "run"; readonly step: Step }
  | { readonly kind: "turn-back"; readonly reason: Explanation }
  | { readonly kind: "block"; readonly step: string; readonly reason: Explanation }
  | { readonly kind: "end"; readonly status: "done" | "rolled_back" };

/**
 * The next action of a rotation. Pure: the same rotation at the same time gives the same action, on any worker.
 * `now` is the database's clock (ISO 8601 UTC).
 */
export function decide(rotation: Rotation, now: string): Action {
  if (rotation.phase === "ended") {
    return { kind: "ended" };
  }
  if (rotation.phase === "pending") {
    return now >= rotation.expiresAt && rotation.direction === "forward"
      ? { kind: "expire" }
      : { kind: "wait", for: "approval", until: rotation.expiresAt };
  }
  if (rotation.block !== undefined) {
    return { kind: "wait", for: "person", until: later(rotation.block.at, now, rotation.plan.policy.remindMs) };
  }
  if (rotation.hold !== undefined && rotation.direction === "forward") {
    return { kind: "wait", for: "resume", until: rotation.hold.until > now ? rotation.hold.until : undefined };
  }
  return rotation.direction === "forward" ? forward(rotation) : back(rotation);
}

function forward(rotation: Rotation): Action {
  for (const step of rotation.plan.steps) {
    const state = rotation.steps[step.id];
    if (state?.status === "failed") {
      return afterFailure(rotation, step, state.reason ?? explain(undefined));
    }
    if (state?.status !== "done") {
      return { kind: "run", step };
    }
  }
  return { kind: "end", status: "done" };
}

function afterFailure(rotation: Rotation, step: Step, reason: Explanation): Action {
  if (!mayTurnBack(rotation)) {
    return { kind: "block", step: step.id, reason };
  }
  // Going back would enable it again, and a leaked one is enabled again by nobody but the full policy.
  const exposes = rotation.plan.cause === "leaked" && isRetiring(rotation);
  const byItself =
    !exposes &&
    rotation.plan.policy.onFailure === "rollback" &&
    (rotation.present === "works" || rotation.present === "none");
  return byItself ? { kind: "turn-back", reason } : { kind: "block", step: step.id, reason };
}

function back(rotation: Rotation): Action {
  for (const step of rotation.plan.back) {
    const state = rotation.steps[step.id];
    if (state?.status === "failed") {
      return { kind: "block", step: step.id, reason: state.reason ?? explain(undefined) };
    }
    if (state?.status !== "done" && neededOnTheWayBack(rotation, step)) {
      return { kind: "run", step };
    }
  }
  const exposed =
    rotation.plan.cause === "leaked" &&
    rotation.current !== undefined &&
    rotation.plan.back.some((step) => rotation.steps[step.id] !== undefined);
  if (exposed) {
    const reason = {
      code: "leaked_still_valid",
      sentence: "leaked credential still valid",
      hint: "request the rotation again, or abandon this one and revoke the credential by hand",
    };
    return { kind: "block", step: rotation.plan.back.at(-1)?.id ?? "back", reason };
  }
  return { kind: "end", status: "rolled_back" };
}

/** Whether the way back has something to do here: what was never begun needs no undoing, and an intent counts as begun. */
export function neededOnTheWayBack(rotation: Rotation, step: Step): boolean {
  if (rotation.plan.rotator.overlap === "accept-first" && rotation.present !== "none") {
    return neededAcceptFirst(rotation, step);
  }
  const begun = (kind: StepKind) => touchedKind(rotation, kind);
  switch (step.kind) {
    case "enable":
      // Also where nothing was disabled: it gives hops (a replica's own login) the old credential back.
      return begun("disable") || begun("issue");
    case "publish":
    case "rollout":
    case "verify":
      return begun("publish");
    case "idle":
      // What was never published is known to nobody.
      return begun("publish");
    case "issue":
    case "disable":
    case "revoke":
    case "confirm":
    case "prove":
      return newMayLive(rotation);
    case "test":
      return begun("publish") || begun("disable");
    case "announce":
    case "witness":
    case "preflight":
    case "collect":
    case "accept":
    case "sign":
    case "soak":
    case "grace":
    case "recheck":
    case "watch":
    case "forget":
      return false;
  }
}

/**
 * Phase by phase: from "only the new one" over "new, old accepted" and "old, new accepted" to "only the old one". Each phase
 * is needed when the one that follows it on the way forward was begun, so that at no moment one instance makes what another
 * does not accept. Readers that keep public keys are waited for where the old one was off the list.
 */
function neededAcceptFirst(rotation: Rotation, { kind: does, slot, accepted }: Step): boolean {
  const [accept, use, withdraw] = rotation.plan.steps.filter(({ kind }) => kind === "publish");
  const proves = does === "soak" || does === "accept";
  const follows = proves ? withdraw : accepted === undefined ? accept : slot === "current" ? use : withdraw;
  // After a rewind the journal's state begins anew before the second phase; the stores may still hold the third.
  return follows !== undefined && (rotation.enabledAgain > 0 || touched(rotation, follows.id));
}

/** The first step after which somebody who still uses the old credential may be refused. */
export function retiringStep(rotation: Pick<Rotation, "plan" | "direction">): Step | undefined {
  return rotation.plan.steps.find(
    (step) =>
      step.kind === "disable" || step.kind === "revoke" || step.kind === "confirm" || isWithdrawal(rotation, step),
  );
}

/** Whether retiring has begun: the old credential may be refused already. */
export function isRetiring(rotation: Rotation): boolean {
  const step = retiringStep({ plan: rotation.plan, direction: "forward" });
  return step !== undefined && touched(rotation, step.id);
}

/** Whether this publish takes acceptance of the old credential away: from here on somebody may be refused. */
export function isWithdrawal({ plan, direction }: Pick<Rotation, "plan" | "direction">, step: Step): boolean {
  const publishes = plan.steps.filter(({ kind }) => kind === "publish");
  return (
    direction === "forward" &&
    plan.rotator.overlap === "accept-first" &&
    publishes.length > 1 &&
    publishes.at(-1)?.id === step.id
  );
}

/**
 * Whether there is a way back now, by itself or by a person. Before the point of no return always; a `single` one may be
 * taken back by a person after it, where the old value is known: that is a second cut, and the plan says so. A roll-out that
 * failed did not pass it: who does not start on the new value is down, and the way back ends the same cut. Nor did an issuer
 * that refused, once it was seen that the old one still works. Where no steps lead back it can be stopped until there is a new
 * credential.
 */
export function mayTurnBack(rotation: Rotation, asked: "engine" | "person" = "engine"): boolean {
  if (rotation.direction === "back" || rotation.phase === "ended") {
    return false;
  }
  if (rotation.plan.back.length === 0) {
    // Nothing leads back to an old one that died elsewhere; before there is a new one it can be stopped.
    return rotation.plan.pointOfNoReturn !== undefined && !newMayLive(rotation) && !pastNoReturn(rotation);
  }
  const last = rotation.plan.steps.find(({ id }) => id === rotation.plan.pointOfNoReturn);
  if (last === undefined || Object.keys(rotation.steps[last.id]?.effects ?? {}).length === 0) {
    return true;
  }
  if (last.kind === "rollout" && rotation.steps[last.id]?.status === "failed" && rotation.present !== "broken") {
    return true;
  }
  if (nothingCut(rotation)) {
    return true;
  }
  return asked === "person" && rotation.plan.rotator.overlap === "single" && rotation.present === "works";
}

/** Whether this step moves consumers or the issuer, and so needs the locks that only moving rotations hold. */
export function moves(rotation: Rotation, step: Step): boolean {
  // What a person does elsewhere, in their own time, keeps nobody else waiting.
  if (step.kind === "confirm") {
    return false;
  }
  if (rotation.direction === "back") {
    return true;
  }
  const order = rotation.plan.steps.findIndex(({ id }) => id === step.id);
  const first = rotation.plan.steps.findIndex(({ kind }) => kind === "publish");
  const settled = rotation.plan.steps.findIndex(({ kind }) => kind === "verify");
  const retiring = retiringStep(rotation);
  const ladder = retiring?.kind === "confirm" ? -1 : rotation.plan.steps.findIndex(({ id }) => id === retiring?.id);
  return (order >= first && order <= settled) || (ladder !== -1 && order >= ladder);
}

function later(since: string, now: string, everyMs: number): string {
  const passed = new Date(now).getTime() - new Date(since).getTime();
  const rounds = Math.floor(passed / Math.max(everyMs, 1)) + 1;
  return new Date(new Date(since).getTime() + rounds * everyMs).toISOString();
}

/** Thrown where a rotation's journal and its plan contradict each other: a defect, never a state to live with. */
export function inconsistent(sentence: string): KeyturnError {
  return new KeyturnError("inconsistent", sentence, { hint: "report this with the output of `keyturn status ID`" });
}
