import { z } from "zod";
import type { Json, Verdict } from "../core/ports.ts";

/**
 * One look at one place: a host, or a pod by its `name`, of which there may be several. `failed` names what was not as expected ("status",
 * "$.components.redis", "code"); no secrets, and none in `summary`.
 */
export type Look = { readonly name?: string; readonly failed: readonly string[]; readonly summary: string };

/** `blind`: what kept from looking at the others. `aside`: what was left out on purpose, for people. */
export type Looks = { readonly looks: readonly Look[]; readonly blind: readonly unknown[]; readonly aside?: string };

/** `shares`: of all that were looked at, how many failed so (0 to 1): pods have other names after a roll-out. */
const Baseline = z.object({
  failed: z.array(z.string()),
  shares: z.record(z.string(), z.number()).default({}),
});

const mostNamed = 5;
const mostCharacters = 400;

/** What the journal keeps of the looks before anything changed. @throws what kept one from looking */
export function baselineOf({ looks, blind, aside }: Looks): Json {
  if (blind.length > 0) throw blind[0];
  const shares = sharesOf(looks, looks.length);
  const failed = Object.keys(shares);
  return { ok: failed.length === 0, summary: told(looks, looks.length, aside), failed, shares };
}

/**
 * Green where everything is as expected everywhere. Red: something fails at a larger share than before. What fails at no
 * larger share than before is a warning.
 *
 * @throws what kept one from looking, unless what was seen elsewhere is red already
 */
export function verdictOf({ looks, blind, aside }: Looks, baseline: unknown): Verdict {
  const all = looks.length + blind.length;
  const parsed = Baseline.safeParse(baseline);
  const { failed: before, shares: had } = parsed.success ? parsed.data : { failed: [], shares: {} };
  const shares = sharesOf(looks, all);
  const failed = Object.keys(shares);
  const normal = (part: string): number => had[part] ?? (before.includes(part) ? 1 : 0);
  const worse = failed.filter((part) => (shares[part] ?? 0) > normal(part));
  if (worse.length === 0 && blind.length > 0) throw blind[0];
  const named = looks.flatMap((look) => (look.name === undefined ? [] : [{ name: look.name, failed: look.failed }]));
  const evidence = { failed, before, ...(named.length === 0 ? {} : { pods: named }) };
  const summary = told(looks, all, aside);
  if (failed.length === 0) return { ok: true, summary, evidence };
  if (worse.length > 0) return { ok: false, summary: `${summary} (not as expected: ${failed.join(", ")})`, evidence };
  return {
    ok: false,
    warning: true,
    summary: `${summary} (red before the rotation: ${failed.join(", ")})`,
    evidence,
  };
}

function sharesOf(looks: readonly Look[], all: number): Readonly<Record<string, number>> {
  const parts = [...new Set(looks.flatMap(({ failed }) => failed))];
  const count = (part: string): number => looks.filter(({ failed }) => failed.includes(part)).length;
  return Object.fromEntries(parts.map((part) => [part, count(part) / all]));
}

/** The red pods by name and what they said; where none is red, what all of them said. */
function told(looks: readonly Look[], all: number, aside: string | undefined): string {
  const [only] = looks;
  if (only !== undefined && only.name === undefined) return only.summary;
  const red = looks.filter(({ failed }) => failed.length > 0);
  const whose = red.length === 0 ? looks : red;
  const words = [...new Set(whose.map(({ summary }) => summary))].slice(0, mostNamed).map((summary) => {
    const names = whose.flatMap((look) => (look.summary === summary && look.name !== undefined ? [look.name] : []));
    const more = names.length > mostNamed ? [`${names.length - mostNamed} more`] : [];
    return red.length === 0 ? summary : `${[...names.slice(0, mostNamed), ...more].join(", ")}: ${summary}`;
  });
  const text = words.join(" | ");
  const cut = text.length > mostCharacters ? `${text.slice(0, mostCharacters - 3)}...` : text;
  const count = red.length === 0 ? `${looks.length} of ${all} pods` : `${red.length} of ${all} pods red`;
  return `${cut} (${[count, ...(aside === undefined ? [] : [aside])].join(", ")})`;
}
