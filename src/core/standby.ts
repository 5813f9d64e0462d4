import { explain, LeaseLost } from "./errors.ts";
import type { Plan } from "./plan.ts";
import type { CheckScope } from "./ports.ts";
import type { Open } from "./step.ts";
import { fillText } from "./templates/fill.ts";

/**
 * What of the plan's standby (who carries the load while this target moves: another provider, a second region) is not up now,
 * one sentence each. What could not be looked at is not up. Reads only; throws only when the lease is lost.
 */
export async function standbyDown(open: Open, { standby = [] }: Pick<Plan, "standby">, now: string) {
  const down: string[] = [];
  for (const [index, { label }] of standby.entries()) {
    const sentence = await trouble(open, index, now);
    if (sentence !== undefined) {
      down.push(`${label}: ${sentence}`);
    }
  }
  return down;
}

async function trouble(open: Open, index: number, now: string): Promise<string | undefined> {
  try {
    const check = (await open.standby())[index];
    const verdict = await check?.run(null, scopeOf(open, now));
    return verdict?.ok === true ? undefined : (verdict?.summary ?? "it is not there");
  } catch (error) {
    if (error instanceof LeaseLost) {
      throw error;
    }
    return `could not look: ${explain(error).sentence}`;
  }
}

/** It is another system: neither the credential of this rotation nor its consumers have to do with it. */
function scopeOf(open: Open, now: string): CheckScope {
  return {
    expected: undefined,
    consumers: [],
    since: now,
    now,
    login: () =>
      Promise.resolve({ verdict: "unknown", code: "no_credential", sentence: "a standby has no login here" }),
    resolve: (text) => fillText(text, undefined, open.resolve),
  };
}
