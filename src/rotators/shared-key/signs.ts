import { createHash } from "node:crypto";
import { z } from "zod";
import type { Credential } from "../../core/credential.ts";
import { atPath } from "../../core/json-path.ts";
import type { Trial } from "../../core/ports.ts";
import type { Secret } from "../../core/secret.ts";
import { askedWords } from "../probes/asked.ts";
import { listed } from "../probes/config.ts";
import { eachInstance, type Place } from "../probes/instances.ts";
import { jsonIn } from "../probes/json.ts";
import { keyOf } from "../probes/key-of.ts";
import { request } from "../probes/request.ts";
import { type Seen, silent } from "../probes/seen.ts";
import { timed } from "../probes/together.ts";
import type { Send } from "./config.ts";
import type { Scope } from "./scope.ts";

/**
 * Makes every sender call a receiver. Accepted when all calls got through, and each sender that shows a hash shows this key's;
 * refused when one did not (`code` names it); unknown when one could not be asked.
 */
export async function signs({ config, asker }: Scope, credential: Credential): Promise<Trial> {
  const key = keyOf(credential);
  const [seen, ms] = await timed(() =>
    eachInstance(config.send, asker, (probe, place) => sendsAt(asker, probe, place, key)),
  );
  const refusals = seen.flatMap(({ instance, trial }) =>
    trial.verdict === "refused" ? [`${trial.code} at ${instance}`] : [],
  );
  if (refusals.length > 0) return { verdict: "refused", code: refusals.join(", ") };
  const unclear = seen.map(({ trial }) => trial).find(({ verdict }) => verdict === "unknown");
  return unclear ?? { verdict: "accepted", ms, asked: askedWords(seen) };
}

async function sendsAt(asker: Scope["asker"], probe: Send, { instance, url, pod }: Place, key: Secret): Promise<Seen> {
  const { method, headers, body, shows } = probe;
  const answer = await request({ url, pod, method, headers, ...(body === undefined ? {} : { body }) }, {}, asker);
  if ("silence" in answer) return silent(instance, answer.silence, answer.sentence);
  const status = statusOf(answer, probe.status);
  if (listed(probe.refused).includes(status)) {
    return { instance, trial: { verdict: "refused", code: `its call was refused (${String(status)})` } };
  }
  if (!listed(probe.works).includes(status)) {
    return silent(instance, "unclear_answer", `answers ${String(status)}, which the catalog does not explain`);
  }
  if (shows === undefined) return { instance, trial: { verdict: "accepted", ms: 0 } };
  const shown = Shown.safeParse(atPath(jsonIn(answer.body), shows)).data?.toLowerCase();
  if (shown === undefined) return silent(instance, "no_hash", `its answer has no SHA-256 in hex at ${shows}`);
  const own = createHash("sha256").update(key.reveal()).digest("hex");
  return {
    instance,
    trial: own.startsWith(shown) ? { verdict: "accepted", ms: 0 } : { verdict: "refused", code: "another_key" },
  };
}

/** What the receiver said: the sender's own status, or, where it answers 2xx and tells of the receiver's, that one. */
function statusOf({ status, body }: Answered, path: string | undefined): number {
  if (path === undefined || status >= 300) return status;
  return z.int().safeParse(atPath(jsonIn(body), path)).data ?? 0;
}

type Answered = { readonly status: number; readonly body: string };

const Shown = z.string().regex(/^[0-9a-f]{8,64}$/i);
