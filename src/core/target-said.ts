type Named = { readonly secret: string; readonly environment: string };

/** The target that two words mean, whatever their case; environment first only where no target is called so the other way round. */
export function targetSaid<T extends Named>(targets: readonly T[], first: string, second: string): T | undefined {
  return (
    targets.find(({ secret, environment }) => same(secret, first) && same(environment, second)) ??
    targets.find(({ secret, environment }) => same(secret, second) && same(environment, first))
  );
}

/** Names of secrets and environments are the same in upper and lower case. */
export function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
