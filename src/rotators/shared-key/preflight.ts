import type { Credential } from "../../core/credential.ts";
import type { Finding } from "../../core/ports.ts";
import { addressFindings } from "../probes/asked.ts";
import { controlFindings } from "../probes/control.ts";
import { presentTo } from "../probes/present.ts";
import { mostBits, randomText, textFindings } from "../probes/random-text.ts";
import type { Scope } from "./scope.ts";
import { signs } from "./signs.ts";

/** As for a symmetric cipher. */
const leastBits = 128;

/**
 * Whether receivers can be asked and refuse a key that nobody has, and whether senders get through. Whether receivers accept the
 * key in use is asked by `test`; whether what is made can be carried (`alphabet`). Reads only.
 */
export async function preflight(
  scope: Scope,
  current: Credential | undefined,
  alphabet: string | undefined,
): Promise<readonly Finding[]> {
  const { accept, send, mode, encoding } = scope.config;
  const key = randomText("hex", 32);
  return [
    ...textFindings(encoding, alphabet),
    ...controlFindings(await presentTo(accept, { key }, scope.asker), "a key", current !== undefined),
    ...addressFindings(accept, "accepts a key"),
    ...weakness(current),
    ...(mode === "previous" ? [...addressFindings(send, "sends it"), ...(await senders(scope, current))] : []),
  ];
}

function weakness(current: Credential | undefined): readonly Finding[] {
  const key = current?.secret["key"];
  if (key === undefined || mostBits(key) >= leastBits) return [];
  const sentence = `the key in use could be guessed: it has less than ${String(leastBits)} bits of chance`;
  return [{ severity: "warning", code: "weak_key", sentence, hint: "treat it as leaked if it was chosen by hand" }];
}

async function senders(scope: Scope, current: Credential | undefined): Promise<readonly Finding[]> {
  if (scope.config.send.length === 0) {
    const sentence = "which key a service sends cannot be asked, so the proof that all use the new one is left out";
    const hint = "add send: an address of each sender that makes it call a receiver";
    return [{ severity: "warning", code: "no_send_probe", sentence, hint }];
  }
  const trial = current === undefined ? undefined : await signs(scope, current);
  if (trial === undefined || trial.verdict === "accepted") return [];
  if (trial.verdict === "unknown") return [{ severity: "error", code: trial.code, sentence: trial.sentence }];
  const sentence = `not every service sends the key that the stores hold (${trial.code})`;
  return [{ severity: "error", code: "sends_another", sentence, hint: "restart what still runs on an older key" }];
}
