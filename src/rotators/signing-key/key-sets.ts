import { z } from "zod";
import type { Credential } from "../../core/credential.ts";
import type { Trial } from "../../core/ports.ts";
import { jsonIn } from "../probes/json.ts";
import { request } from "../probes/request.ts";
import { type Seen, silent } from "../probes/seen.ts";
import { timed, together } from "../probes/together.ts";
import { thumbprint } from "./jwk.ts";
import { type Kept, keptOf } from "./key-sets-kept.ts";
import type { Scope } from "./scope.ts";

/** A published key set, and what its headers say of caches. */
export type KeySet = Kept & { readonly keys: readonly Readonly<Record<string, unknown>>[] };

/** Looks for the key in the set at every public address, past no cache: what stands between is what readers see. */
export async function lookAtKeySets(scope: Scope, credential: Credential): Promise<readonly Seen[]> {
  const places = await readKeySets(scope);
  return places.map(({ place, set }) =>
    "keys" in set ? { instance: place, trial: lookFor(credential, place, set) } : set,
  );
}

/** Accepted when every public address lists the key, refused when one does not (`code` names it), unknown when one gave no key set. */
export async function listedEverywhere(scope: Scope, credential: Credential): Promise<Trial> {
  const [seen, ms] = await timed(() => lookAtKeySets(scope, credential));
  const without = seen.filter(({ trial }) => trial.verdict === "refused").map(({ instance }) => instance);
  return without.length > 0 ? { verdict: "refused", code: `not at ${without.join(", ")}` } : together(seen, ms);
}

/** Reads the set at every address; what is no key set is an instance without a verdict. */
export async function readKeySets({
  config,
  asker,
  clock,
}: Scope): Promise<readonly { place: string; set: KeySet | Seen }[]> {
  return await Promise.all(
    config.jwks.map(async (url) => {
      const { host, pathname } = new URL(url);
      const place = `${host}${pathname}`;
      const answer = await request({ url, method: "GET", headers: { accept: "application/json" } }, {}, asker);
      if ("silence" in answer) return { place, set: silent(place, answer.silence, answer.sentence) };
      const parsed = answer.status === 200 && !answer.truncated ? Document.safeParse(jsonIn(answer.body)) : undefined;
      if (parsed?.data === undefined) {
        return { place, set: silent(place, "no_key_set", `answers ${String(answer.status)} and no key set`) };
      }
      return { place, set: { keys: parsed.data.keys, ...keptOf(answer.headers, clock.now()) } };
    }),
  );
}

const Document = z.object({ keys: z.array(z.record(z.string(), z.unknown())) });

function lookFor({ ref, public: { kid } }: Credential, place: string, { keys }: KeySet): Trial {
  const named = keys.filter((key) => key["kid"] === kid);
  if (named.length === 0) return { verdict: "refused", code: "not_listed" };
  if (named.length === 1 && named.every((key) => thumbprint(key) === ref.generation))
    return { verdict: "accepted", ms: 0 };
  const sentence = `${place} lists another key under the same key id`;
  return { verdict: "unknown", code: "key_id_reused", sentence };
}
