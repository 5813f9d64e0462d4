import { randomInt } from "node:crypto";
import { GiveUp } from "../../core/errors.ts";
import { Secret } from "../../core/secret.ts";
import { breaches, charactersOf, lacking, lengthOf, type Policy } from "./policy.ts";

/**
 * A random password that keeps the policy, of characters that every place carries (`alphabet`); all that do so are equally likely.
 * It begins with a letter where there is one, because shells and option parsers take other characters for something else there.
 * `own`: words of the account, which are not in it. Throws GiveUp("policy_unmet") when there is none.
 */
export function passwordFor(policy: Policy, alphabet: string, own: readonly string[]): Secret {
  if (lacking(policy, alphabet).length === 0) {
    for (let tried = 0; tried < enough; tried += 1) {
      const made = new Secret(draw(policy, alphabet));
      if (breaches(policy, made, own).length === 0) return made;
    }
  }
  throw new GiveUp("policy_unmet", "no password that keeps the policy can be carried by templates and stores", {
    hint: "correct the policy, or put the value into a template with fewer restrictions",
  });
}

/** Of all random texts at least one in a hundred keeps any policy that can be written down. */
const enough = 10_000;

function draw(policy: Policy, alphabet: string): string {
  const all = charactersOf(policy, alphabet).split("");
  const letters = all.filter((c) => /^[A-Za-z]$/.test(c));
  const rest = Array.from({ length: lengthOf(policy) - 1 }, () => pick(all));
  return [pick(letters.length > 1 ? letters : all), ...rest].join("");
}

function pick(from: readonly string[]): string {
  return from[randomInt(from.length)] ?? "";
}
