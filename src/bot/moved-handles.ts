import type { State } from "../core/state.ts";
import type { HandleProblem, Handles } from "./resolve-handles.ts";

/**
 * Names that gave a right before and mean another group or channel now: whoever took over the handle must not get the
 * right with it. The first meaning is kept for good; to change it on purpose, the catalog names the id itself.
 */
export async function movedHandles(
  state: Pick<State, "pin">,
  { ids }: Pick<Handles, "ids">,
): Promise<readonly HandleProblem[]> {
  const problems: HandleProblem[] = [];
  for (const [name, id] of Object.entries(ids)) {
    const first = await state.pin(`handle ${name}`, id);
    if (first !== id) {
      problems.push({
        name,
        sentence: `${name} meant ${first} when it was first used and means ${id} now`,
        hint: `find out who changed it; if it is meant to be so, write ${id} in the catalog`,
      });
    }
  }
  return problems;
}
