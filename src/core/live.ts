import { isBlind } from "./blind.ts";
import type { EventOf } from "./events.ts";
import type { Life, Lives } from "./life.ts";
import { livesOfDual } from "./live-dual.ts";
import { livesOfPhases } from "./live-phases.ts";
import { livesOfSingle } from "./live-single.ts";
import type { Rotation } from "./rotation.ts";

type Leftovers = EventOf<"ended">["leftovers"];

/** What is alive right now, in one sentence: for a stopped rotation, or as it was when it ended. */
export function liveNow(rotation: Rotation): string {
  const { old, fresh } = livesOf(rotation);
  return `${oldWords(rotation, old)}; ${freshWords(rotation, fresh)}`;
}

/** How one ended that went back. Who was asked for a new one may have made it: what that may have done is said. */
export function wentBack(rotation: Rotation): string {
  const { plan, steps, present, turnedBack } = rotation;
  const because = turnedBack?.reason.sentence ?? "asked for";
  if (plan.back.some(({ id }) => steps[id] !== undefined)) {
    const consumers = present === "none" ? "stores are as they were" : "consumers are on the old credential";
    return `rolled back: ${consumers}, the new one is gone (${because})`;
  }
  const stopped = `stopped before anything was changed (${because})`;
  return isAsked(rotation) ? `${stopped}; ${liveNow(rotation)}` : stopped;
}

/** Credentials that are or may be alive after the end of a rotation that was abandoned; each is a to-do for a person. */
export function leftoversOf(rotation: Rotation, status: "done" | "rolled_back" | "closed"): Leftovers {
  if (status !== "closed") {
    return [];
  }
  const { old, fresh } = livesOf(rotation);
  const { current, pending = nameless } = rotation;
  const leftovers: Leftovers[number][] = [];
  if (old.left !== undefined && current !== undefined) {
    leftovers.push({ ref: current, sentence: `the old credential (${current.principal}) ${old.left}` });
  }
  if (old.left !== undefined && current === undefined && isBlind(rotation.plan, rotation.present)) {
    leftovers.push({ ref: nameless, sentence: `the old credential, which is not known to Keyturn, ${old.left}` });
  }
  if (fresh?.left !== undefined) {
    leftovers.push({ ref: pending, sentence: `the new credential (${pending.principal}) ${fresh.left}` });
  }
  return leftovers;
}

const nameless = { principal: "unnamed", generation: "not known to Keyturn" } as const;

function livesOf(rotation: Rotation): Lives {
  switch (rotation.plan.rotator.overlap) {
    case "dual":
    case "delegated":
      return livesOfDual(rotation);
    case "single":
      return livesOfSingle(rotation);
    case "accept-first":
      return livesOfPhases(rotation);
  }
}

function oldWords({ current, plan, present }: Rotation, { is }: Life): string {
  if (current !== undefined) {
    return `the old credential (${current.principal}) ${is}`;
  }
  return isBlind(plan, present) ? `the old credential is not known; it ${is}` : "there is no old credential";
}

function freshWords(rotation: Rotation, fresh: Life | undefined): string {
  const { pending = nameless } = rotation;
  if (fresh !== undefined) {
    return `the new one (${pending.principal}) ${fresh.is}`;
  }
  return isAsked(rotation) ? "no new one was handed in, though somebody may have made one" : "no new one was issued";
}

/** Whether a person was asked to bring a new one. */
function isAsked({ plan, steps }: Rotation): boolean {
  return plan.steps.some(({ id, kind }) => kind === "collect" && steps[id] !== undefined);
}
