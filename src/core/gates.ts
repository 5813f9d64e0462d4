import { cutNotice } from "./cut.ts";
import { lookAround, lookAtStores } from "./look.ts";
import { touchedKind } from "./rotation.ts";
import type { StepContext } from "./step.ts";
import { elapsedMs, plusMs } from "./time.ts";
import { insideWindow, nextOpening } from "./window.ts";

/** What stands between a rotation and its point of no return. `retryAt`: when it is worth looking again (ISO 8601 UTC). */
export type Gate = {
  readonly name: string;
  readonly open: boolean;
  readonly red: boolean;
  readonly sentence: string;
  readonly retryAt?: string;
};

/** When it is worth looking at all of them again (ISO 8601 UTC). Undefined: that is not known of one that is shut, or none is. */
export function opensAt(gates: readonly Gate[]): string | undefined {
  const shut = gates.filter(({ open }) => !open);
  const times = shut.flatMap(({ retryAt }) => (retryAt === undefined ? [] : [retryAt]));
  return times.length === shut.length ? times.toSorted().at(-1) : undefined;
}

/** Gates that the full policy cannot skip: an unproved credential is never the only one. */
const unskippable: readonly string[] = ["consumers", "credential"];

/**
 * All gates of DESIGN section 7, looked at now. A verdict in the journal opens nothing: whoever is about to disable or to
 * revoke calls this first. The idle gate and the watch are steps of their own.
 */
export async function gatesNow(context: StepContext): Promise<readonly Gate[]> {
  const rotation = context.rotation();
  const looks = await lookAround(context, "pending");
  const now = await context.now();
  const gates: Gate[] = looks.map(({ gate, open, red, sentence }) => ({ name: gate, open, red, sentence }));
  const until = rotation.graceUntil;
  const elapsed = context.plan.cause === "leaked" || (until !== undefined && now >= until);
  gates.push({
    name: "grace",
    open: elapsed,
    red: false,
    sentence: elapsed ? "grace has elapsed" : "grace has not elapsed",
    ...(until === undefined ? {} : { retryAt: until }),
  });
  gates.push(...windowGates(context, now), await noticeGate(context, now, "retire"));
  return skipping(context, gates);
}

/**
 * What must hold before somebody is refused, looked at now: the window, the notice, and, where the new value is published
 * already, that it still stands there. `roomMs`: how much of the window must be left for what comes before the cut.
 */
export async function cutGates(context: StepContext, roomMs: number): Promise<readonly Gate[]> {
  const now = await context.now();
  const published = touchedKind(context.rotation(), "publish") ? [await lookAtStores(context, "pending")] : [];
  const stores = published.map(({ gate, open, red, sentence }) => ({ name: gate, open, red, sentence }));
  return skipping(context, [
    ...stores,
    ...windowGates(context, now, roomMs),
    await noticeGate(context, now, cutNotice),
  ]);
}

function skipping(context: StepContext, gates: readonly Gate[]): readonly Gate[] {
  const { skipped } = context.rotation();
  return gates.map((gate) =>
    skipped.includes(gate.name) && !unskippable.includes(gate.name)
      ? { ...gate, open: true, red: false, sentence: `${gate.sentence} (skipped by the full policy)` }
      : gate,
  );
}

/** At most half of a window is asked to be left: a short one must open too. */
function windowGates({ plan: { policy, cause } }: StepContext, now: string, roomMs = 0): readonly Gate[] {
  const window = policy.retire;
  if (window === undefined || cause === "leaked") {
    return [];
  }
  const then = plusMs(now, Math.min(roomMs, (window.toMinute - window.fromMinute) * 30_000));
  const open = insideWindow(window, now) && insideWindow(window, then);
  const where = open ? "inside" : insideWindow(window, now) ? "too near to the end of" : "outside";
  return [
    {
      name: "window",
      open,
      red: false,
      sentence: `${where} ${window.text}${open ? "" : ` (${window.zone})`}`,
      retryAt: open ? now : nextOpening(window, then),
    },
  ];
}

/** Disable, or a cut, waits until Slack has accepted its notice long enough ago; a leaked credential waits for nobody. */
async function noticeGate(context: StepContext, now: string, name: string): Promise<Gate> {
  if (context.plan.cause === "leaked") {
    return { name: "notice", open: true, red: false, sentence: "a leaked credential needs no notice" };
  }
  const accepted = await context.noticed(name);
  if (accepted === undefined) {
    return { name: "notice", open: false, red: false, sentence: "Slack has not accepted the notice yet" };
  }
  const due = plusMs(accepted, context.plan.noticeMs);
  const open = elapsedMs(due, now) >= 0;
  return {
    name: "notice",
    open,
    red: false,
    sentence: open ? "people were told in time" : "people were told, but not long enough ago",
    retryAt: due,
  };
}
