import type { z } from "zod";
import type { Secret } from "../../core/secret.ts";
import { type acceptProbe, listed } from "./config.ts";
import { eachInstance } from "./instances.ts";
import { type Asker, request } from "./request.ts";
import { type Seen, silent } from "./seen.ts";

export type AcceptProbe = z.infer<ReturnType<typeof acceptProbe>>;

/** A body that is an object is sent as JSON, with its texts filled in. */
type Probe = Omit<AcceptProbe, "body"> & { readonly body?: unknown };

/**
 * Presents it once to every instance. Only the statuses of the catalog accept or refuse; a redirect, an overload and silence are
 * no verdict.
 */
export async function presentTo(
  probes: readonly Probe[],
  words: Readonly<Record<string, Secret>>,
  asker: Asker,
): Promise<readonly Seen[]> {
  return await eachInstance(probes, asker, async (probe, { instance, url, pod }) => {
    const { method, headers, body, accepted, refused } = probe;
    const asked = { url, pod, method, headers, ...(body === undefined ? {} : { body }) };
    const answer = await request(asked, words, asker);
    if ("silence" in answer) return silent(instance, answer.silence, answer.sentence);
    const dated = at(answer.headers.get("date")?.[0]);
    const { status } = answer;
    if (listed(accepted).includes(status)) return { instance, trial: { verdict: "accepted", ms: 0 }, ...dated };
    if (listed(refused).includes(status))
      return { instance, trial: { verdict: "refused", code: String(status) }, ...dated };
    const sentence = `${instance} answers ${String(status)}, which the catalog takes neither for accepted nor for refused`;
    return { instance, trial: { verdict: "unknown", code: "unclear_answer", sentence }, ...dated };
  });
}

function at(header: string | undefined): Pick<Seen, "at"> {
  const ms = header === undefined ? Number.NaN : Date.parse(header);
  return Number.isNaN(ms) ? {} : { at: new Date(ms) };
}
