import type { Trial } from "../../core/ports.ts";
import { askedWords } from "./asked.ts";
import type { Seen } from "./seen.ts";

/**
 * One verdict out of those of all instances; instances that disagree, and one that gives none, make it unknown. `asked`: who was
 * asked, in words.
 */
export function together(seen: readonly Seen[], ms: number, asked = askedWords(seen)): Trial {
  const unclear = seen.map(({ trial }) => trial).filter((trial) => trial.verdict === "unknown");
  const [first] = unclear;
  if (first !== undefined) return { ...first, sentence: unclear.map(({ sentence }) => sentence).join("; ") };
  const refusals = seen.flatMap(({ instance, trial }) => (trial.verdict === "refused" ? [{ instance, ...trial }] : []));
  if (refusals.length === 0) {
    const nobody = { verdict: "unknown", code: "no_instance", sentence: "there is no instance to ask" } as const;
    return seen.length === 0 ? nobody : { verdict: "accepted", ms, asked };
  }
  if (refusals.length === seen.length) {
    return { verdict: "refused", code: [...new Set(refusals.map(({ code }) => code))].join(", ") };
  }
  const refusing = refusals.map(({ instance, code }) => `${instance} (${code})`).join(", ");
  return { verdict: "unknown", code: "disagree", sentence: `refused by ${refusing}, accepted by the other instances` };
}

/** Calls, and says how many milliseconds it took. */
export async function timed<T>(call: () => Promise<T>): Promise<readonly [result: T, ms: number]> {
  const began = process.hrtime.bigint();
  const result = await call();
  return [result, Number((process.hrtime.bigint() - began) / 1_000_000n)];
}
