import type { Slot } from "./credential.ts";
import type { Step, StepKind } from "./plan.ts";
import { type Rotation, touched } from "./rotation.ts";

/**
 * What the journal says of one credential now. `is` is said after its name. `left` is what remains to be said of it when nobody goes
 * on, because it is or may be accepted; absent where it is dead.
 */
export type Life = { readonly is: string; readonly left?: string };

/** Both halves of a rotation. `fresh` is undefined while there is no new one. */
export type Lives = { readonly old: Life; readonly fresh: Life | undefined };

/** `begun`: it has had an effect or may have had one, and is not known to have come to its end. */
export type Stage = "not" | "begun" | "done";

export function alive(is: string, left = is): Life {
  return { is, left };
}

export function dead(is: string): Life {
  return { is };
}

/** How far the step of this kind came that is about this credential, forward or on the way back. */
export function stageOf(rotation: Rotation, way: "steps" | "back", kind: StepKind, slot: Slot, accepted?: Slot): Stage {
  const step = rotation.plan[way].find(
    (each) => each.kind === kind && each.slot === slot && each.accepted === accepted,
  );
  return step === undefined ? "not" : stageOfStep(rotation, step);
}

/** The same for a roll-out. Who reads the store at each use has it as soon as it is published. */
export function rolloutOf(rotation: Rotation, way: "steps" | "back", slot: Slot, accepted?: Slot): Stage {
  const kind = rotation.plan.consumers === "live" ? "publish" : "rollout";
  return stageOf(rotation, way, kind, slot, accepted);
}

/** Whether the test of this credential was the last word on it, and a bad one. */
export function testFailed(rotation: Rotation, way: "steps" | "back", slot: Slot): boolean {
  const step = rotation.plan[way].find(({ kind, slot: about }) => kind === "test" && about === slot);
  return step !== undefined && rotation.steps[step.id]?.status === "failed";
}

/** Dead as far as this rotation did it; while that is being proved, or could not be, nobody knows. */
export function dying(rotation: Rotation, is: string): Life {
  const isOpen = rotation.plan.steps.some(({ id, kind }) => {
    const state = rotation.steps[id];
    return kind === "prove" && state !== undefined && state.status !== "done";
  });
  return isOpen ? alive("may still be accepted") : dead(is);
}

/** The old one, where this rotation has done nothing to it. */
export function asItWas({ present, plan }: Rotation): Life {
  const left = `was not ${ends[plan.rotator.overlap]}`;
  switch (present) {
    case "works":
    case "none":
      return alive("works", left);
    case "broken":
      return alive("was refused before this began", left);
    case "unknown":
      return alive("was not touched", left);
  }
}

const ends = { dual: "revoked", delegated: "revoked", single: "replaced", "accept-first": "withdrawn" } as const;

/** Of the new one that has to stay. */
export const unended = "is in use, and the rotation did not end";

/** Where the other one is dead, and this one may not have arrived everywhere. */
export const onlyOne = "is the only one that works: see that every store holds it and everybody runs on it";

function stageOfStep(rotation: Rotation, { id }: Step): Stage {
  if (rotation.steps[id]?.status === "done") {
    return "done";
  }
  return touched(rotation, id) ? "begun" : "not";
}
