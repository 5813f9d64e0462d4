import { nothingCut } from "./cut.ts";
import {
  alive,
  asItWas,
  dead,
  dying,
  type Life,
  type Lives,
  onlyOne,
  rolloutOf,
  type Stage,
  stageOf,
  testFailed,
  unended,
} from "./life.ts";
import type { Rotation } from "./rotation.ts";

/**
 * The old one dies as the new one is born: at the issuer, elsewhere by the hand of a person, or, where only consumers can try it,
 * as they start with it. The way back is a second cut.
 */
export function livesOfSingle(rotation: Rotation): Lives {
  return rotation.plan.rotator.triedAt === "consumer" ? atConsumers(rotation) : atIssuer(rotation);
}

function atIssuer(rotation: Rotation): Lives {
  const again = stageOf(rotation, "back", "issue", "current");
  const isSpared = nothingCut(rotation);
  if (again !== "not" && !isSpared) {
    return again === "done" && !testFailed(rotation, "back", "current")
      ? { old: alive("works again", isBack(rotation) ? "is in use again" : onlyOne), fresh: dead("is refused") }
      : {
          old: alive(again === "done" ? "was issued again, and its test failed" : "may work again"),
          fresh: alive("may be refused", "may still be accepted"),
        };
  }
  switch (isSpared ? "not" : cutOf(rotation)) {
    case "not":
      return { old: asItWas(rotation), fresh: unaccepted(rotation) };
    case "begun":
      return {
        old: alive("may be refused already", "may still be accepted"),
        fresh:
          rotation.plan.rotator.origin === "handed-in" ? undefined : alive(`may have been issued${standing(rotation)}`),
      };
    case "done":
      return testFailed(rotation, "steps", "pending")
        ? { old: alive("may still be accepted"), fresh: alive(`${came(rotation)}, and its test failed`) }
        : { old: dying(rotation, `is refused${stored(rotation)}`), fresh: issued(rotation) };
  }
}

/** Who was asked for a new one makes the cut in the portal, and Keyturn learns of it when the value is handed in. */
function cutOf(rotation: Rotation): Stage {
  if (rotation.plan.rotator.origin !== "handed-in") {
    return stageOf(rotation, "steps", "issue", "pending");
  }
  const isAsked = rotation.plan.steps.some(({ id, kind }) => kind === "collect" && rotation.steps[id] !== undefined);
  return rotation.pending !== undefined ? "done" : isAsked ? "begun" : "not";
}

function issued(rotation: Rotation): Life {
  const isEverywhere = rolloutOf(rotation, "steps", "pending") === "done" && rotation.direction === "forward";
  return alive(came(rotation), isEverywhere ? unended : onlyOne);
}

function came({ plan }: Rotation): string {
  return plan.rotator.origin === "handed-in" ? "was handed in" : "was issued";
}

function isBack(rotation: Rotation): boolean {
  return rolloutOf(rotation, "back", "current") === "done";
}

function standing(rotation: Rotation): string {
  return stageOf(rotation, "steps", "publish", "pending") === "done" ? ", and stands in stores" : "";
}

/** What stores hold of a new one that nobody accepts. */
function unaccepted(rotation: Rotation): Life | undefined {
  const published = stageOf(rotation, "steps", "publish", "pending");
  const takenBack = stageOf(rotation, "back", "publish", "current");
  if (published === "not" || takenBack === "done") {
    return undefined;
  }
  const isSure = published === "done" && takenBack === "not";
  return alive(`${isSure ? "stands" : "may stand"} in stores, and nothing accepts it`);
}

function stored(rotation: Rotation): string {
  const takenBack = stageOf(rotation, "back", "publish", "current");
  return takenBack === "not" ? "" : `, and stores ${takenBack === "done" ? "hold" : "may hold"} it again`;
}

function atConsumers(rotation: Rotation): Lives {
  const published = stageOf(rotation, "steps", "publish", "pending");
  const takenBack = stageOf(rotation, "back", "publish", "current");
  const isSure = published === "done" && takenBack === "not";
  const rolled = rolloutOf(rotation, "steps", "pending");
  const again = rolloutOf(rotation, "back", "current");
  if (again === "done") {
    return testFailed(rotation, "back", "current")
      ? { old: alive("was rolled out again, and its test failed"), fresh: alive("may still be accepted") }
      : { old: alive("works again", "is in use again"), fresh: dead("is refused") };
  }
  if (again === "begun") {
    return {
      old: alive("works on instances that were restarted", "may be in use on some instances"),
      fresh: alive("may run on instances that were not", "may be in use on some instances"),
    };
  }
  switch (rolled) {
    case "not":
      return {
        old: asItWas(rotation),
        fresh:
          published === "not"
            ? undefined
            : takenBack === "done"
              ? alive("may run where something was restarted meanwhile")
              : alive(`${isSure ? "stands" : "may stand"} in stores, and what restarts runs on it`),
      };
    case "begun":
      return {
        old: alive("is refused wherever the new one runs", "may be in use on some instances"),
        fresh: alive("runs on instances that have read it", "may be in use on some instances"),
      };
    case "done":
      return testFailed(rotation, "steps", "pending")
        ? { old: alive("may still be accepted"), fresh: alive("was rolled out, and its test failed") }
        : {
            old: dying(rotation, `is refused${stored(rotation)}`),
            fresh: alive("is in use", takenBack === "not" ? unended : onlyOne),
          };
  }
}
