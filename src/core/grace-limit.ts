import type { Rotation } from "./rotation.ts";
import { plusMs } from "./time.ts";

/**
 * How far the grace of the direction in which the rotation goes may be extended, by use of the old credential, by a gate that
 * stays shut, or by a person (ISO 8601 UTC): `graceMax` counts from its beginning. The way back of accept-first has a grace of
 * its own, which begins anew. Undefined while that grace has not begun.
 */
export function graceLimit({
  plan,
  steps,
  direction,
}: Pick<Rotation, "plan" | "steps" | "direction">): string | undefined {
  const way = direction === "forward" ? plan.steps : plan.back;
  const grace = way.find(({ kind }) => kind === "grace");
  const began = grace === undefined ? undefined : steps[grace.id]?.startedAt;
  return began === undefined ? undefined : plusMs(began, plan.graceMaxMs);
}
