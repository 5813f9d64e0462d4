import { GiveUp } from "../../core/errors.ts";
import type { Finding } from "../../core/ports.ts";
import type { AskAsAdmin } from "../../process/api/session.ts";
import { type Config, writtenKeys } from "./config.ts";
import { keptIn } from "./object.ts";

/** Whether Keyturn is let in and the object is there, and whether the body carries exactly these keys. Reads only. */
export async function preflight(config: Config, ask: AskAsAdmin, keys: readonly string[]): Promise<readonly Finding[]> {
  const { name, read, url } = config;
  const { host } = new URL(url);
  const findings: Finding[] = [
    {
      severity: "info",
      code: "unfenced",
      sentence: `${name}: a request by a worker that was cut off cannot be called back: who takes over waits one time-out before it looks`,
    },
  ];
  const written = writtenKeys(config) ?? keys;
  const shown = read?.values;
  const lost = [
    ...keys.filter((key) => !written.includes(key)).map((key) => `${key} is not in the body of \`write\``),
    ...keys
      .filter((key) => shown !== undefined && !Object.hasOwn(shown, key))
      .map((key) => `${key} is not in the values of \`read\``),
  ];
  for (const problem of lost) {
    findings.push({
      severity: "error",
      code: "keys_differ",
      sentence: `${name}: ${problem}`,
      hint: "name the same keys in all places",
    });
  }
  if (read === undefined) {
    findings.push({
      severity: "info",
      code: "store_not_looked_at",
      sentence: `${name}: nothing is asked of ${host} before the write, because the target says no \`read\``,
    });
    return findings;
  }
  try {
    await keptIn(config, ask);
  } catch (error) {
    if (!(error instanceof GiveUp)) throw error;
    const { code, message: sentence, hint } = error;
    findings.push({ severity: "error", code, sentence, ...(hint === undefined ? {} : { hint }) });
  }
  return findings;
}
