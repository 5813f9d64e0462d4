import type { StoredEvent } from "../../src/core/events.ts";
import { plusMs } from "../../src/core/time.ts";
import type { AnyLane } from "./lane.ts";
import type { Rotated } from "./rotate.ts";
import type { Judged } from "./target.ts";

/**
 * What differs between a rotation whose workers were killed and the undisturbed one: a sentence per difference. Empty: as
 * DESIGN section 12 asks.
 */
export async function judge(lane: AnyLane, disturbed: Rotated, undisturbed: Rotated): Promise<readonly string[]> {
  const found: string[] = [];
  const same = (what: string, is: unknown, ought: unknown): void => {
    if (JSON.stringify(is) !== JSON.stringify(ought))
      found.push(`${what}: ${JSON.stringify(is)} instead of ${JSON.stringify(ought)}`);
  };
  const { journal } = disturbed;
  const kills = disturbed.killedAt.length;

  same("the end", endOf(journal), endOf(undisturbed.journal));
  if (found.length > 0) found.push(`its last events: ${JSON.stringify(journal.slice(-3)).slice(0, 1_000)}`);
  same(
    "seq",
    journal.map(({ seq }) => seq),
    journal.map((_, index) => index + 1),
  );
  same("steps done, in order", stepsDone(journal), stepsDone(undisturbed.journal));
  same("effects with an outcome", outcomes(journal), outcomes(undisturbed.journal));
  same("effects with two outcomes", twice(journal, "outcome"), []);
  same("effects with two intents", twice(journal, "intended"), []);
  for (const type of [
    "requested",
    "approved",
    "captured",
    "proposed",
    "issued",
    "ended",
    "turned_back",
    "consumers_back",
  ])
    same(`events ${type}`, count(journal, type), count(undisturbed.journal, type));
  for (const type of ["step_failed", "blocked", "rewound", "refused", "held"])
    same(`events ${type}`, count(journal, type), 0);

  same("principals that can log in", disturbed.atIssuer.live.length, 1);
  same("passwords at the issuer", disturbed.atIssuer.passwords, 1);
  found.push(...(await judgeStored(lane, disturbed)));
  same("objects where it is published", disturbed.objects, undisturbed.objects);

  const expected = undisturbed.restarts;
  const extra = Object.entries(disturbed.restarts).map(([id, times]) => times - (expected[id] ?? 0));
  if (extra.some((more) => more < 0))
    found.push(`an instance was not restarted: ${JSON.stringify(disturbed.restarts)}`);
  const sum = extra.reduce((a, b) => a + b, 0);
  if (sum > kills * lane.extraPerKill) found.push(`${sum} extra restarts after ${kills} kills`);
  if (lane.target.overlap !== "single") same("refused logins", disturbed.refused, 0);
  found.push(...disturbed.broken, ...outsideOfCuts(disturbed, lane.afterCutMs));
  found.push(...((await lane.alsoJudged?.(disturbed)) ?? []));
  return found;
}

/** Restarts beyond those of the undisturbed rotation. */
export function extraRestarts(disturbed: Rotated, undisturbed: Rotated): number {
  const sum = (rotated: Rotated): number => Object.values(rotated.restarts).reduce((a, b) => a + b, 0);
  return sum(disturbed) - sum(undisturbed);
}

/** Our key holds the proposed credential, which logs in; or, after the way back, it holds the old value again; everything else is as it was. */
async function judgeStored(
  { target, stored: { urlIn, restOf } }: AnyLane,
  { journal, storedBefore, storedAfter, atIssuer }: Rotated,
): Promise<readonly string[]> {
  const { ids = byUser } = target;
  const [before, after] = [urlIn(storedBefore), urlIn(storedAfter)];
  const found: string[] = [];
  if (restOf(storedAfter) !== restOf(storedBefore)) found.push("something else has changed where it is published");
  if (endOf(journal) === "rolled_back") {
    if (after !== before) found.push("our key does not hold the old bytes");
    if (!(await target.accepts(before))) found.push("the old credential does not log in");
    return found;
  }
  if (after === before) found.push("nothing was published");
  if (!(await target.accepts(after))) found.push("the published credential does not log in");
  if (await target.accepts(before)) found.push("the old credential still logs in");
  const proposed = journal.flatMap(({ event }) => (event.type === "proposed" ? [ids.inRef(event.ref)] : []));
  const published = await ids.inValue(after);
  if (proposed.some((id) => id !== published) || atIssuer.live.some((name) => name !== published))
    found.push(`proposed ${proposed.join()}, published ${published}, live ${atIssuer.live.join()}`);
  return found;
}

const byUser: NonNullable<Judged["ids"]> = {
  inValue: (url) => new URL(url).username,
  inRef: ({ principal }) => principal,
};

/** Refusals before the first restart of a roll-out was intended, or after its last one had settled. */
function outsideOfCuts({ journal, refusals }: Rotated, afterMs = 0): readonly string[] {
  const cuts = journal.flatMap(({ event, at }, index) => {
    if (event.type !== "step_done" || !/^(back-)?rollout/.test(event.step)) return [];
    const first = journal
      .slice(0, index)
      .find((each) => each.event.type === "intended" && each.event.step === event.step);
    return [{ from: first?.at ?? at, to: plusMs(at, afterMs) }];
  });
  return refusals
    .filter((at) => !cuts.some(({ from, to }) => at >= from && at <= to))
    .map((at) => `somebody was refused at ${at}, outside of ${JSON.stringify(cuts)}`);
}

function endOf(journal: readonly StoredEvent[]): string {
  const last = journal.at(-1)?.event;
  return last?.type === "ended" ? last.status : `not ended: ${last?.type ?? "nothing"}`;
}

function stepsDone(journal: readonly StoredEvent[]): readonly string[] {
  return journal.flatMap(({ event }) => (event.type === "step_done" ? [event.step] : []));
}

/** Closing old sessions depends on who is connected just then. */
function effects(journal: readonly StoredEvent[], type: "intended" | "outcome"): readonly string[] {
  return journal.flatMap(({ event }) =>
    event.type === type && !event.effect.startsWith("close:") ? [`${event.step}/${event.effect}`] : [],
  );
}

function outcomes(journal: readonly StoredEvent[]): readonly string[] {
  return [...new Set(effects(journal, "outcome"))];
}

function twice(journal: readonly StoredEvent[], type: "intended" | "outcome"): readonly string[] {
  const all = effects(journal, type);
  return all.filter((name, index) => all.indexOf(name) !== index);
}

function count(journal: readonly StoredEvent[], type: string): number {
  return journal.filter(({ event }) => event.type === type).length;
}
