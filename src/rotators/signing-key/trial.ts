import type { Credential } from "../../core/credential.ts";
import type { Trial } from "../../core/ports.ts";
import { askedWords } from "../probes/asked.ts";
import { keyOf } from "../probes/key-of.ts";
import { presentTo } from "../probes/present.ts";
import type { Seen } from "../probes/seen.ts";
import { timed, together } from "../probes/together.ts";
import { canary } from "./canary.ts";
import { lookAtKeySets } from "./key-sets.ts";
import { type Material, materialOf } from "./material.ts";
import type { Scope } from "./scope.ts";

/**
 * Presents a canary token, signed afresh with this key, once to every instance, and looks for the key in every published key set.
 * Accepted when all accept and list it, refused when all refuse it in the documented way and none lists it.
 */
export async function trial(scope: Scope, credential: Credential): Promise<Trial> {
  const material = materialOf(scope.config, keyOf(credential));
  const [seen, ms] = await timed(() =>
    Promise.all([presentCanary(scope, material, credential.public["kid"] ?? ""), lookAtKeySets(scope, credential)]),
  );
  const [instances, sets] = seen;
  const read = sets.length === 0 ? "" : `${String(sets.length)} public key ${sets.length === 1 ? "set" : "sets"} read`;
  const asked = [instances.length === 0 ? "" : askedWords(instances), read].filter((each) => each !== "").join(", ");
  return together(seen.flat(), ms, asked);
}

/** What each instance says to a canary token of this key. A refusal by a clock that is far away from ours is no verdict. */
export async function presentCanary(scope: Scope, material: Material, kid: string): Promise<readonly Seen[]> {
  const { token, holds } = canary(scope.config, material, kid, scope.clock);
  const seen = await presentTo(scope.config.accept, { token }, scope.asker);
  return seen.map((each) => {
    if (each.trial.verdict !== "refused" || each.at === undefined || holds(each.at)) return each;
    const sentence = `${each.instance} refuses it, but its clock is further from ours than the life of the token`;
    return { ...each, trial: { verdict: "unknown", code: "clock_skew", sentence } };
  });
}
