import type { Credential } from "../../core/credential.ts";
import type { Finding } from "../../core/ports.ts";
import { addressFindings } from "../probes/asked.ts";
import { controlFindings } from "../probes/control.ts";
import { keyOf } from "../probes/key-of.ts";
import type { Seen } from "../probes/seen.ts";
import { thumbprintOf } from "./jwk.ts";
import { keyFindings, materialOf, newKey } from "./material.ts";
import { preflightKeySets } from "./preflight-key-sets.ts";
import type { Scope } from "./scope.ts";
import { signs } from "./signs.ts";
import { presentCanary } from "./trial.ts";
import { weakness } from "./weakness.ts";

/**
 * Whether instances can be asked and refuse what nobody may sign, tell the time, sign with the key in use, and publish it alike.
 * Whether they accept the key in use is asked by `test`. Reads only.
 */
export async function preflight(
  scope: Scope,
  current: Credential | undefined,
  alphabet: string | undefined,
): Promise<readonly Finding[]> {
  const { config } = scope;
  return [
    ...keyFindings(config, alphabet),
    ...(await controls(scope, current !== undefined)),
    ...(await preflightKeySets(scope)),
    ...(current === undefined ? [] : weakness(config, keyOf(current), materialOf(config, keyOf(current)))),
    ...addressFindings(config.accept, "accepts a key"),
    ...(config.mode === "overlap" ? await signers(scope, current) : []),
  ];
}

async function controls(scope: Scope, hasCurrent: boolean): Promise<readonly Finding[]> {
  const material = materialOf(scope.config, await newKey(scope.config));
  const kid = material.open.type === "secret" ? "nobody" : thumbprintOf(material.open);
  const before = scope.clock.now();
  const seen = await presentCanary(scope, material, kid);
  const after = scope.clock.now();
  return [
    ...controlFindings(seen, "a token signed with a key", hasCurrent),
    ...seen.flatMap((each) => skewOf(scope, each, before, after)),
  ];
}

/** The Date header has whole seconds, cut off. */
function skewOf({ config }: Scope, { instance, at }: Seen, before: Date, after: Date): readonly Finding[] {
  if (at === undefined) return [];
  const behindMs = before.getTime() - 1_000 - at.getTime();
  const aheadMs = at.getTime() - after.getTime();
  const skewMs = Math.max(behindMs, aheadMs);
  if (skewMs <= config.clockSkew) return [];
  const sentence = `the clock of ${instance} is ${String(Math.round(skewMs / 1_000))} s ${behindMs > aheadMs ? "behind" : "ahead of"} ours`;
  const hint = "set the clocks by NTP, or write a larger clockSkew: tokens must be accepted that much longer";
  return [{ severity: "error", code: "clock_skew", sentence, hint }];
}

async function signers(scope: Scope, current: Credential | undefined): Promise<readonly Finding[]> {
  return [...addressFindings(scope.config.sign, "signs with it"), ...(await signedWith(scope, current))];
}

async function signedWith(scope: Scope, current: Credential | undefined): Promise<readonly Finding[]> {
  if (scope.config.sign.length === 0) {
    const sentence =
      "which key an instance signs with cannot be asked, so the proof that all use the new one is left out";
    return [
      {
        severity: "warning",
        code: "no_sign_probe",
        sentence,
        hint: "add sign: a login of a test user at each instance",
      },
    ];
  }
  const trial = current === undefined ? undefined : await signs(scope, current);
  if (trial === undefined || trial.verdict === "accepted") return [];
  if (trial.verdict === "unknown") return [{ severity: "error", code: trial.code, sentence: trial.sentence }];
  const sentence = `not every instance signs with the key that the stores hold (${trial.code})`;
  return [{ severity: "error", code: "signs_with_another", sentence, hint: "restart what still runs on an older key" }];
}
