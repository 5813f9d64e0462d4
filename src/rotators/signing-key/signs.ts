import { z } from "zod";
import type { Credential } from "../../core/credential.ts";
import { atPath } from "../../core/json-path.ts";
import type { Trial } from "../../core/ports.ts";
import { askedWords } from "../probes/asked.ts";
import { eachInstance, type Place } from "../probes/instances.ts";
import { jsonIn } from "../probes/json.ts";
import { keyOf } from "../probes/key-of.ts";
import { request } from "../probes/request.ts";
import { type Seen, silent } from "../probes/seen.ts";
import { timed } from "../probes/together.ts";
import type { Sign } from "./config.ts";
import { type Material, materialOf } from "./material.ts";
import type { Scope } from "./scope.ts";
import { readSignature } from "./token.ts";

/**
 * Lets every instance sign something and looks at the signature. Accepted when all bear this key's, refused when one bears
 * another's (`code` names the instances), unknown when one gave no token.
 */
export async function signs(scope: Scope, credential: Credential): Promise<Trial> {
  const material = materialOf(scope.config, keyOf(credential));
  const kid = credential.public["kid"];
  const [seen, ms] = await timed(() =>
    eachInstance(scope.config.sign, scope.asker, (probe, place) => signsAt(scope, probe, place, material, kid)),
  );
  const others = seen.filter(({ trial }) => trial.verdict === "refused").map(({ instance }) => instance);
  if (others.length > 0) return { verdict: "refused", code: `another key at ${others.join(", ")}` };
  const unclear = seen.map(({ trial }) => trial).filter((trial) => trial.verdict === "unknown");
  const [first] = unclear;
  if (first === undefined) return { verdict: "accepted", ms, asked: askedWords(seen) };
  return { ...first, sentence: unclear.map(({ sentence }) => sentence).join("; ") };
}

async function signsAt(
  { asker }: Scope,
  probe: Sign,
  { instance, url, pod }: Place,
  material: Material,
  kid: string | undefined,
): Promise<Seen> {
  const { method, headers, body, token: path } = probe;
  const answer = await request({ url, pod, method, headers, ...(body === undefined ? {} : { body }) }, {}, asker);
  if ("silence" in answer) return silent(instance, answer.silence, answer.sentence);
  const token = z.string().safeParse(atPath(jsonIn(answer.body), path)).data;
  const found = token === undefined ? undefined : readSignature(token, material);
  if (found === undefined) {
    return silent(instance, "no_token", `answers ${String(answer.status)} and no signed token at ${path}`);
  }
  const isNamed = found.kid === undefined || material.algorithm === "HS256" || found.kid === kid;
  return {
    instance,
    trial: found.ours && isNamed ? { verdict: "accepted", ms: 0 } : { verdict: "refused", code: "another_key" },
  };
}
