import type { Step } from "./plan.ts";
import { type Rotation, touched } from "./rotation.ts";

/** The topic of the note with which a step asks a person to act. */
export const askTopic = "ask";

/**
 * The step that waits for what a person brings now. `collect`: a value. `confirm`: their word that it is done; only after
 * they were asked, because before that the gates have not been looked at.
 */
export function waitingStep(rotation: Rotation, kind: "collect" | "confirm"): Step | undefined {
  if (rotation.phase !== "approved" || rotation.block !== undefined) {
    return undefined;
  }
  const way = rotation.direction === "forward" ? rotation.plan.steps : rotation.plan.back;
  const step = way.find((each) => each.kind === kind && rotation.steps[each.id]?.status === "started");
  const state = step === undefined ? undefined : rotation.steps[step.id];
  if (step === undefined || state === undefined) {
    return undefined;
  }
  const asked = kind === "collect" ? rotation.pending === undefined : touched(rotation, step.id);
  return asked && state.confirmed === undefined ? step : undefined;
}

/** Names of the fields that a person hands in, as the rotator calls them. */
export function handedIn({ plan }: Pick<Rotation, "plan">): readonly string[] {
  return Object.keys(plan.rotator.fields);
}
