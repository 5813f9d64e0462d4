import { digestOf } from "../canonical.ts";
import type { Plan } from "../plan.ts";
import type { DeskDeps } from "./deps.ts";
import { foundIn } from "./discover.ts";
import { withElseOf } from "./else-group.ts";
import { draftOf, makePlan } from "./make-plan.ts";

/**
 * Whether the catalog as it is now makes the very same plan of this target, for what its preflight saw: the same digest.
 * False also when the target or its policy is gone, or when no plan can be made any more. Consumers
 * that were found when it was made are taken as found. Pure; opens nothing.
 */
export function stillPlanned(deps: Pick<DeskDeps, "catalog" | "kinds">, plan: Plan): boolean {
  const { catalog, policies } = deps.catalog();
  const target = catalog.targets.find(
    ({ secret, environment }) => secret === plan.secret && environment === plan.environment,
  );
  const policy = target === undefined ? undefined : policies[target.policy];
  if (target === undefined || policy === undefined) {
    return false;
  }
  const seen = {
    present: plan.present,
    red: plan.red,
    released: plan.releases ?? [],
    current: plan.current === undefined ? undefined : { ref: plan.current },
  };
  try {
    const draft = draftOf(deps.kinds, target, foundIn(plan));
    return makePlan(target, withElseOf(plan.policy, policy), plan.cause, draft, seen).digest === digestOf(plan);
  } catch {
    return false;
  }
}
