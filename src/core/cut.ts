import type { Rotation } from "./rotation.ts";

/** The topic of the note that announces a cut, and the name under which Slack's acceptance of it is recorded. */
export const cutNotice = "cut";

type Cutting = Pick<Rotation, "plan" | "steps">;

/** When the cut of this plan began (ISO 8601 UTC): at the intent of the first effect of the step that cuts. Undefined: it has not. */
export function cutBegan({ plan, steps }: Cutting): string | undefined {
  const effects = isCut(plan) ? Object.values(steps[plan.pointOfNoReturn ?? ""]?.effects ?? {}) : [];
  return effects.map(({ intendedAt }) => intendedAt).toSorted()[0];
}

/** Whether a gate of the cut was shut when it was last looked at: people may want to hurry it. */
export function waitsForCut(rotation: Rotation): boolean {
  const { plan, steps } = rotation;
  const gates = plan.steps
    .filter(({ id, kind }) => kind === "announce" || id === plan.pointOfNoReturn)
    .flatMap(({ id }) => (steps[id]?.status === "started" ? [steps[id].notes["gates"]] : []));
  return awaitsCut(rotation) && gates.some((seen) => seen !== undefined && seen.key !== "open");
}

/** Whether the cut is announced and has not begun: stopped now, it hurts nobody. */
export function awaitsCut(rotation: Cutting & Pick<Rotation, "phase" | "direction">): boolean {
  const { plan, steps, phase, direction } = rotation;
  const announced = plan.steps.some(({ id, kind }) => kind === "announce" && steps[id] !== undefined);
  return phase === "approved" && direction === "forward" && announced && cutBegan(rotation) === undefined;
}

/** The topic of the note that says what an issuer that refused to cut has left behind. */
export const leftByRefusal = "left-by-refusal";

/** The key of that note when the refusal of this attempt changed nothing: what was seen after an earlier one counts no more. */
export function unchangedBy(attempt: number): string {
  return `${String(attempt)} unchanged`;
}

/**
 * Whether the issuer refused for good to cut, and was then seen to have left everything as it was. An attempt that is under way
 * or ended without an answer is none of these.
 */
export function nothingCut({ plan, steps }: Cutting): boolean {
  const state = steps[plan.pointOfNoReturn ?? ""];
  return state?.status === "failed" && state.notes[leftByRefusal]?.key === unchangedBy(state.attempt);
}

/** Whether somebody is refused by this plan: where nothing was in use before, nobody is, and nothing is announced. */
function isCut({ steps }: Rotation["plan"]): boolean {
  return steps.some(({ kind }) => kind === "announce");
}
