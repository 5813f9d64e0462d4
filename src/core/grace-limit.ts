import type { Rotation } from "./rotation.ts";
import { plusMs } from "./time.ts";

/**
 * How far the grace may be extended, by use of the old credential, by a gate that stays shut, or by a person (ISO 8601
 * UTC): `graceMax` counts from its beginning. Undefined while no grace has begun.
 */
export function graceLimit({ plan, steps }: Pick<Rotation, "plan" | "steps">): string | undefined {
  const grace = plan.steps.find(({ kind }) => kind === "grace");
  const began = grace === undefined ? undefined : steps[grace.id]?.startedAt;
  return began === undefined ? undefined : plusMs(began, plan.graceMaxMs);
}
