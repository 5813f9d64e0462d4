import { KeyturnError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import { foldRotation, type Rotation } from "../core/rotation.ts";
import type { State } from "../core/state.ts";

/** The rotation of an id. Throws KeyturnError("unknown_rotation") that names what is open, and the id that was probably meant. */
export async function findRotation(state: Pick<State, "load" | "list">, id: string): Promise<Rotation> {
  const rotation = foldRotation(id, await state.load(id));
  if (rotation !== undefined) {
    return rotation;
  }
  const open = await state.list({ open: true });
  const ids = open.map((each) => each.id);
  const meant = nearest(id, ids);
  const all = open.map((each) => `${each.id} (${each.secret} ${each.environment})`);
  throw new KeyturnError("unknown_rotation", `there is no rotation ${id}`, {
    hint:
      meant === undefined
        ? `${all.length === 0 ? "none is open" : `open: ${all.join(", ")}`}; the id stands in the thread's first message`
        : `did you mean ${meant}?`,
  });
}
