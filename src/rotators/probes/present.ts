import type { z } from "zod";
import type { Trial } from "../../core/ports.ts";
import type { Secret } from "../../core/secret.ts";
import { type acceptProbe, listed, placesOf } from "./config.ts";
import { type Asker, request } from "./request.ts";

export type AcceptProbe = z.infer<ReturnType<typeof acceptProbe>>;

/** A body that is an object is sent as JSON, with its texts filled in. */
type Probe = Omit<AcceptProbe, "body"> & { readonly body?: unknown };

/** What one instance says. `at`: its own clock, from the answer's Date header, to the second. */
export type Seen = { readonly instance: string; readonly trial: Trial; readonly at?: Date };

/**
 * Presents it once to every instance. Only the statuses of the catalog accept or refuse; a redirect, an overload and silence are
 * no verdict.
 */
export async function presentTo(
  probes: readonly Probe[],
  words: Readonly<Record<string, Secret>>,
  asker: Asker,
): Promise<readonly Seen[]> {
  const all = probes.flatMap((probe) => placesOf(probe).map((place) => ({ ...probe, ...place })));
  return await Promise.all(
    all.map(async ({ instance, accepted, refused, ...asked }) => {
      const answer = await request(asked, words, asker);
      if ("silence" in answer) return silent(instance, answer.silence, answer.sentence);
      const dated = at(answer.headers.get("date")?.[0]);
      const { status } = answer;
      if (listed(accepted).includes(status)) return { instance, trial: { verdict: "accepted", ms: 0 }, ...dated };
      if (listed(refused).includes(status))
        return { instance, trial: { verdict: "refused", code: String(status) }, ...dated };
      const sentence = `${instance} answers ${String(status)}, which the catalog takes neither for accepted nor for refused`;
      return { instance, trial: { verdict: "unknown", code: "unclear_answer", sentence }, ...dated };
    }),
  );
}

/** An instance that could not be asked. */
export function silent(instance: string, code: string, sentence: string): Seen {
  return { instance, trial: { verdict: "unknown", code, sentence: `${instance}: ${sentence}` } };
}

function at(header: string | undefined): Pick<Seen, "at"> {
  const ms = header === undefined ? Number.NaN : Date.parse(header);
  return Number.isNaN(ms) ? {} : { at: new Date(ms) };
}
