import { z } from "zod";
import type { Json, Verdict } from "../../core/ports.ts";
import { signatureOf } from "../../core/signature.ts";
import type { Source } from "./source.ts";

/** Matches per minute and log before anything changed, and what they said. */
export const Baseline = z.object({ perMinute: z.number(), signatures: z.array(z.string()) });
export type Baseline = z.infer<typeof Baseline>;

/** `matches` tells whether a line is one that the check looks for. */
export type Rule = { readonly matches: (text: string) => boolean; readonly windowMs: number; readonly floor: number };

const factor = 3;
const keptSignatures = 500;
const shownSignatures = 5;

export function measure(sources: readonly Source[], rule: Rule): Baseline {
  const counted = sources.map((source) => count(source, rule));
  const total = counted.reduce((sum, { perMinute }) => sum + perMinute, 0);
  const signatures = [...new Set(counted.flatMap((one) => one.signatures))].slice(0, keptSignatures);
  return { perMinute: sources.length === 0 ? 0 : total / sources.length, signatures };
}

/**
 * Red: in a log of an instance on the new value the rate is above max(floor, 3 x baseline) and says something that was not
 * said before. The same elsewhere, and a rate that rose or a new signature alone, are warnings. The rate is over the whole window,
 * so that one line at its beginning is not a flood.
 */
export function judge(sources: readonly Source[], before: Baseline, rule: Rule): Verdict {
  const limit = Math.max(rule.floor, factor * before.perMinute);
  const logs = sources.map((source) => {
    const { signatures, perMinute, matches } = count(source, rule);
    const unseen = signatures.filter((signature) => !before.signatures.includes(signature));
    const rose = perMinute > limit;
    return { name: source.name, matches, unseen, rose, bad: rose && unseen.length > 0, onNew: source.onNew };
  });
  const red = logs.filter(({ bad, onNew }) => bad && onNew);
  const warned = logs.filter(({ rose, unseen }) => rose || unseen.length > 0);
  const total = logs.reduce((sum, { matches }) => sum + matches, 0);
  const normal = Math.round(before.perMinute * (rule.windowMs / 60_000) * Math.max(1, logs.length));
  const told = red.length > 0 ? red : warned;
  const news = [...new Set(told.flatMap(({ unseen }) => unseen))].slice(0, shownSignatures);
  const summary = [
    `${total} matching log lines in ${minutes(rule.windowMs)} (before: ${normal})`,
    ...(told.length === 0 ? [] : [`in ${told.map(({ name }) => name).join(", ")}`]),
    ...(news.length === 0 ? [] : [`new: ${news.join(" | ")}`]),
  ].join(", ");
  const evidence: Json = { logs, limitPerMinute: limit };
  if (red.length > 0) return { ok: false, summary, evidence };
  if (warned.length === 0) return { ok: true, summary, evidence };
  return { ok: !logs.some(({ bad }) => bad), warning: true, summary, evidence };
}

function count(
  { lines }: Source,
  { matches, windowMs }: Rule,
): { matches: number; perMinute: number; signatures: string[] } {
  const found = lines.filter(({ text }) => matches(text));
  const signatures = [...new Set(found.map(({ text }) => signatureOf(text)))].slice(0, keptSignatures);
  return { matches: found.length, perMinute: found.length / (windowMs / 60_000), signatures };
}

function minutes(ms: number): string {
  return ms >= 60_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 1_000)} s`;
}
