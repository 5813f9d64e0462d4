import { freshPair, freshSecret } from "./token-first-values.ts";
import type { TokenWorld } from "./token-world.ts";

/** Which two variables are rotated; both pairs have the same meaning. */
export type Rotated = "token" | "internal";

const both: readonly Rotated[] = ["token", "internal"];

/**
 * As the runbooks write it: the new key and the previous one at once, a rolling restart, the previous one away after the life of
 * a token, a rolling restart. During the first one, instances that were not restarted yet refuse what the others sign; `forgets:
 * false` ends after it.
 */
export async function plainTwoPhase(
  world: TokenWorld,
  { what = both, forgets = true }: { readonly what?: readonly Rotated[]; readonly forgets?: boolean } = {},
): Promise<void> {
  const steps = await stepsOf(world, what);
  await steps.use();
  if (!forgets) return;
  await outlive(world);
  await steps.forget();
}

/** First accept, then use, then forget: the same variables, one roll-out more. */
export async function threePhase(
  world: TokenWorld,
  { what = both }: { readonly what?: readonly Rotated[] } = {},
): Promise<void> {
  const steps = await stepsOf(world, what);
  await steps.accept();
  await steps.use();
  await outlive(world);
  await steps.forget();
}

/**
 * A key pair: publish, wait until no client can hold the old set any more, sign, wait until no old token lives, withdraw.
 * `waits: false` signs as soon as the new key is published everywhere, and returns then.
 */
export async function publishThenSign(world: TokenWorld, { waits }: { readonly waits: boolean }): Promise<void> {
  const { algorithm, issuer, variables: names, keySetMaxAgeMs } = world;
  if (algorithm === "HS256") throw new Error("a symmetric key is never published");
  const next = freshPair(algorithm);
  const old = (await world.values())[names.keySet];
  const step = async (changes: Readonly<Record<string, string | undefined>>): Promise<void> => {
    await world.rewrite(changes, [issuer.name]);
    for (const { id } of issuer.instances) await world.restart(id);
  };
  await step({ [names.keySetPrevious]: next.jwk });
  if (waits) await pause(keySetMaxAgeMs + 500);
  await step({ [names.privateKey]: next.pem, [names.keySet]: next.jwk, [names.keySetPrevious]: old });
  if (!waits) return;
  await outlive(world);
  await step({ [names.keySetPrevious]: undefined });
}

type Steps = Readonly<Record<"accept" | "use" | "forget", () => Promise<void>>>;

async function stepsOf(world: TokenWorld, what: readonly Rotated[]): Promise<Steps> {
  const { variables: names } = world;
  const values = await world.values();
  const pairs = what.map((each) => {
    const [main, previous] =
      each === "token" ? [names.secret, names.previous] : [names.internal, names.internalPrevious];
    return { main, previous, old: values[main], next: freshSecret() };
  });
  const step = async (change: (pair: (typeof pairs)[number]) => readonly (readonly [string, string | undefined])[]) => {
    await world.rewrite(Object.fromEntries(pairs.flatMap(change)));
    await world.roll();
  };
  return {
    accept: () => step(({ previous, next }) => [[previous, next]]),
    use: () =>
      step(({ main, previous, old, next }) => [
        [main, next],
        [previous, old],
      ]),
    forget: () => step(({ previous }) => [[previous, undefined]]),
  };
}

/** Longer than any token lives that was signed until now; times in tokens are whole seconds. */
function outlive({ tokenLifeMs }: TokenWorld): Promise<void> {
  return pause(tokenLifeMs + 1_500);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
