import type { Step, StepKind } from "./plan.ts";
import { type Rotation, type StepState, touched } from "./rotation.ts";

/** The topic of the note with which a step asks a person to act. */
export const askTopic = "ask";

/**
 * The step that waits for what a person brings now. `collect`: a value. `confirm`: their word that it is done, or that it is
 * so where nothing can be asked; only after they were asked, because before that the gates have not been looked at.
 */
export function waitingStep(rotation: Rotation, kind: "collect" | "confirm"): Step | undefined {
  if (rotation.phase !== "approved" || rotation.block !== undefined) {
    return undefined;
  }
  const way = rotation.direction === "forward" ? rotation.plan.steps : rotation.plan.back;
  const step = way.find((each) => kindsFor[kind].includes(each.kind) && rotation.steps[each.id]?.status === "started");
  const state = step === undefined ? undefined : rotation.steps[step.id];
  if (step === undefined || state === undefined) {
    return undefined;
  }
  return isAsked(rotation, step, state) && confirmation(rotation, step) === undefined ? step : undefined;
}

/**
 * What a person has confirmed for a step. Their word on what is so counts until somebody looks again at a block: then they are
 * asked anew. Their word on what they did stays.
 */
export function confirmation(rotation: Rotation, step: Step): StepState["confirmed"] {
  const said = rotation.steps[step.id]?.confirmed;
  return said !== undefined && (step.kind === "confirm" || said.at >= askedSince(rotation, step)) ? said : undefined;
}

/** Since when a step asks as it does now (ISO 8601 UTC): its start, or the last time that somebody looked again. */
export function askedSince({ steps, lookedAgainAt = "" }: Rotation, { id }: Step): string {
  const startedAt = steps[id]?.startedAt ?? "";
  return lookedAgainAt > startedAt ? lookedAgainAt : startedAt;
}

const kindsFor: Readonly<Record<"collect" | "confirm", readonly StepKind[]>> = {
  collect: ["collect"],
  confirm: ["confirm", "accept", "sign", "witness"],
};

function isAsked(rotation: Rotation, { kind, id }: Step, { notes }: StepState): boolean {
  if (kind === "collect") {
    return rotation.pending === undefined;
  }
  return kind === "confirm" ? touched(rotation, id) : notes[askTopic] !== undefined;
}

/** Names of the fields that a person hands in, as the rotator calls them. */
export function handedIn({ plan }: Pick<Rotation, "plan">): readonly string[] {
  return Object.keys(plan.rotator.fields);
}
