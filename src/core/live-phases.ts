import type { Slot } from "./credential.ts";
import { alive, asItWas, dead, dying, type Life, type Lives, rolloutOf, type Stage, stageOf, unended } from "./life.ts";
import type { Rotation } from "./rotation.ts";

/** Accept-first: which phase the instances are in, or on the way to, says all. The last one that was begun counts. */
export function livesOfPhases(rotation: Rotation): Lives {
  return back(rotation) ?? forward(rotation);
}

const oldInUse = alive("is in use", "is in use, and was not withdrawn");
const newInUse = alive("is in use", unended);
const oldBeside = alive("is accepted beside the new one", "is accepted beside the new one, and was not withdrawn");
const newBeside = alive("is accepted beside the old one");

function back(rotation: Rotation): Lives | undefined {
  const onlyOld = phaseOf(rotation, "back", "current");
  if (onlyOld !== "not") {
    return { old: oldInUse, fresh: onlyOld === "done" ? dead("is refused") : partlyRefused };
  }
  const used = phaseOf(rotation, "back", "current", "pending");
  if (used !== "not") {
    return used === "done" ? { old: oldInUse, fresh: newBeside } : { old: partlyUsed, fresh: partlyUsed };
  }
  const acceptedAgain = phaseOf(rotation, "back", "pending", "current");
  if (acceptedAgain !== "not") {
    return { old: acceptedAgain === "done" ? oldBeside : beingAccepted, fresh: newInUse };
  }
  return undefined;
}

const usedByRestarted = alive("is in use on instances that were restarted");
const partlyUsed = alive("is in use on some instances, and accepted by all");
const partlyRefused = alive("is refused by instances that were restarted", "is still accepted by some instances");
const beingAccepted = alive(
  "is being accepted again, and some instances may refuse it",
  "is accepted by some instances",
);

function forward(rotation: Rotation): Lives {
  const onlyNew = phaseOf(rotation, "steps", "pending");
  if (rotation.present === "none") {
    return {
      old: asItWas(rotation),
      fresh: onlyNew === "not" ? unknownYet(rotation) : onlyNew === "done" ? newInUse : usedByRestarted,
    };
  }
  if (onlyNew !== "not") {
    const isForgotten = stageOf(rotation, "steps", "forget", "current") === "done";
    const gone = dying(rotation, isForgotten ? "is refused, and forgotten" : "is refused");
    return { old: onlyNew === "done" ? gone : partlyRefused, fresh: newInUse };
  }
  const used = phaseOf(rotation, "steps", "pending", "current");
  if (used === "done") {
    return { old: oldBeside, fresh: newInUse };
  }
  // After a rewind the phase is entered once more, from the one in which the old one was refused.
  if (rotation.enabledAgain > 0) {
    return { old: beingAccepted, fresh: newInUse };
  }
  if (used === "begun") {
    return { old: partlyUsed, fresh: partlyUsed };
  }
  const accepted = phaseOf(rotation, "steps", "current", "pending");
  if (accepted === "not") {
    return { old: asItWas(rotation), fresh: unknownYet(rotation) };
  }
  return {
    old: asItWas(rotation),
    fresh: accepted === "done" ? newBeside : alive("is accepted by instances that were restarted"),
  };
}

/** It was made, and no instance knows it. */
function unknownYet(rotation: Rotation): Life | undefined {
  return stageOf(rotation, "steps", "issue", "pending") === "not" ? undefined : dead("is accepted nowhere yet");
}

/** From the first write to the last instance that runs on it. */
function phaseOf(rotation: Rotation, way: "steps" | "back", slot: Slot, accepted?: Slot): Stage {
  const rolled = rolloutOf(rotation, way, slot, accepted);
  return rolled === "not" && stageOf(rotation, way, "publish", slot, accepted) !== "not" ? "begun" : rolled;
}
