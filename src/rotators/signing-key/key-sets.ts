import { z } from "zod";
import type { Credential } from "../../core/credential.ts";
import type { Trial } from "../../core/ports.ts";
import { jsonIn } from "../probes/json.ts";
import { type Seen, silent } from "../probes/present.ts";
import { request } from "../probes/request.ts";
import { thumbprint } from "./jwk.ts";
import type { Scope } from "./scope.ts";

/** A published key set. `maxAgeS`: how long caches may keep it, where its headers say so. */
export type KeySet = {
  readonly keys: readonly Readonly<Record<string, unknown>>[];
  readonly maxAgeS: number | undefined;
};

/** Looks for the key in the set at every public address, past no cache: what stands between is what readers see. */
export async function lookAtKeySets(scope: Scope, credential: Credential): Promise<readonly Seen[]> {
  const places = await readKeySets(scope);
  return places.map(({ place, set }) =>
    "keys" in set ? { instance: place, trial: lookFor(credential, place, set) } : set,
  );
}

/** Reads the set at every address; what is no key set is an instance without a verdict. */
export async function readKeySets({ config, asker }: Scope): Promise<readonly { place: string; set: KeySet | Seen }[]> {
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
      return { place, set: { keys: parsed.data.keys, maxAgeS: maxAgeOf(answer.headers.get("cache-control") ?? []) } };
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

function maxAgeOf(headers: readonly string[]): number | undefined {
  const text = headers.join(",");
  const [, shared] = /\bs-maxage=(\d+)/i.exec(text) ?? [];
  const [, own] = /\bmax-age=(\d+)/i.exec(text) ?? [];
  const both = [shared, own].filter((each) => each !== undefined).map(Number);
  return both.length === 0 ? undefined : Math.max(...both);
}
