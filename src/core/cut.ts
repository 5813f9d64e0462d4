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

/** Whether somebody is refused by this plan: where nothing was in use before, nobody is, and nothing is announced. */
function isCut({ steps }: Rotation["plan"]): boolean {
  return steps.some(({ kind }) => kind === "announce");
}
