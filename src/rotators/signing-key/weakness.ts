import type { Finding } from "../../core/ports.ts";
import type { Secret } from "../../core/secret.ts";
import { mostBits } from "../probes/random-text.ts";
import type { Config } from "./config.ts";
import type { Material } from "./material.ts";

/** RFC 7518 section 3.2: a key for HS256 is at least as long as the hash. */
const leastBits = 256;
/** RFC 7518 section 3.3. */
const leastModulusBits = 2048;

/** What is wrong with the key that is replaced; the sentence says as little about it as it can. */
export function weakness({ key: use }: Pick<Config, "key">, key: Secret, { open }: Material): readonly Finding[] {
  if (open.type === "secret") {
    const own = use === "decoded" ? (open.symmetricKeySize ?? 0) * 8 : Infinity;
    if (Math.min(mostBits(key), own) >= leastBits) return [];
    const sentence = `the key in use is too short for HS256: it has less than ${String(leastBits)} bits of chance`;
    const hint = "whoever has one token may try keys until one fits; treat it as leaked if it was chosen by hand";
    return [{ severity: "warning", code: "weak_key", sentence, hint }];
  }
  const { modulusLength = leastModulusBits } = open.asymmetricKeyDetails ?? {};
  if (modulusLength >= leastModulusBits) return [];
  const sentence = `the key in use has ${String(modulusLength)} bits, and RS256 needs ${String(leastModulusBits)}`;
  return [{ severity: "warning", code: "weak_key", sentence }];
}
