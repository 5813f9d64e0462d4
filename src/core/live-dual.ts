import { alive, asItWas, dead, type Life, type Lives, stageOf, unended } from "./life.ts";
import type { Rotation } from "./rotation.ts";

/** Both are valid after issue; each is ended by a step of its own: the old one forward, the new one on the way back. */
export function livesOfDual(rotation: Rotation): Lives {
  return { old: oldOf(rotation), fresh: freshOf(rotation) };
}

function oldOf(rotation: Rotation): Life {
  const ended = endOf(rotation, "steps");
  if (ended !== undefined) {
    return ended;
  }
  const enabled = alive("is enabled again", "was not revoked");
  const enabling = alive("is being enabled again", "was not revoked");
  if (stageOf(rotation, "steps", "disable", "current") === "not") {
    return asItWas(rotation);
  }
  const back = stageOf(rotation, "back", "enable", "current");
  if (back !== "not") {
    return back === "done" ? enabled : enabling;
  }
  const again = rotation.steps["watch"]?.effects["enable-again"];
  if (again !== undefined) {
    return again.outcomeAt === undefined ? enabling : enabled;
  }
  return alive(
    stageOf(rotation, "steps", "disable", "current") === "done" ? "is disabled" : "may be disabled",
    "was not revoked",
  );
}

function freshOf(rotation: Rotation): Life | undefined {
  const ended = endOf(rotation, "back");
  if (ended !== undefined) {
    return ended;
  }
  const disabled = stageOf(rotation, "back", "disable", "pending");
  if (disabled !== "not") {
    return alive(disabled === "done" ? "is disabled" : "may be disabled", "was issued and not revoked");
  }
  const came = cameOf(rotation);
  // Once the old one ends it is the one that has to stay.
  return came === undefined || endOf(rotation, "steps") === undefined ? came : alive(came.is, unended);
}

function cameOf(rotation: Rotation): Life | undefined {
  if (rotation.plan.rotator.origin === "handed-in") {
    return rotation.pending === undefined ? undefined : alive("was handed in", "was handed in and not revoked");
  }
  switch (stageOf(rotation, "steps", "issue", "pending")) {
    case "not":
      return undefined;
    case "begun":
      return alive("may have been issued", "may have been issued, and was not revoked");
    case "done":
      return alive("was issued", "was issued and not revoked");
  }
}

/** Revoked, by a program or by a person, as far as anybody knows; what was not proved dead stays a to-do. */
function endOf(rotation: Rotation, way: "steps" | "back"): Life | undefined {
  const slot = way === "steps" ? "current" : "pending";
  const isProved = stageOf(rotation, way, "prove", slot) === "done";
  const by = stageOf(rotation, way, "revoke", slot);
  if (by !== "not") {
    const is = by === "done" ? "was revoked" : "is revoked or being revoked";
    return isProved ? dead(is) : alive(is, by === "done" ? "was revoked, but not proved dead" : "may not be revoked");
  }
  const asked = stageOf(rotation, way, "confirm", slot);
  if (asked !== "not") {
    const is = asked === "done" ? "was revoked by a person" : "is to be revoked by a person, who may have done so";
    return isProved
      ? dead(is)
      : alive(
          is,
          asked === "done" ? `${is}, but not proved dead` : "is to be revoked by a person, who has not confirmed it",
        );
  }
  return undefined;
}
