import { compose } from "../algebra.ts";
import { composeBlind, isBlind } from "../blind.ts";
import { digestOf } from "../canonical.ts";
import type { Credential } from "../credential.ts";
import { bindCheck, bindConsumer, bindRotator, bindStore, type Kinds } from "../kinds.ts";
import type { Cause, PinnedPolicy, Plan } from "../plan.ts";
import type { StoreShape } from "../ports.ts";
import type { Survey } from "../survey.ts";
import type { Entry, Target } from "../target.ts";
import { targetName } from "../target.ts";
import { alphabetFor } from "../templates/alphabet.ts";
import { parseTemplate } from "../templates/parse.ts";

export type Draft = Pick<Plan, "rotator" | "publishes" | "consumers" | "checks" | "standby" | "byHand"> & {
  readonly locks: readonly string[];
  readonly movingLocks: readonly string[];
  readonly alphabet: string;
};

/** What entries that discover stand for, by the digest of the entry. */
export type Found = ReadonlyMap<string, readonly Entry[]>;

/**
 * Binds a target's entries and says what a plan for it touches. Opens nothing. Throws when a kind or an entry is wrong. An
 * entry that discovers stands for itself while it is not known what it finds.
 */
export function draftOf(kinds: Kinds, target: Target, found: Found = new Map()): Draft {
  const rotator = bound(target.rotator, (stored) => bindRotator(kinds, stored));
  const stores = target.publish.map(({ store, entry, values }) => ({
    kind: store,
    entry,
    values,
    shape: bindStore(kinds, { kind: store, entry }).shape,
  }));
  const consumers =
    target.consumers === "live"
      ? []
      : target.consumers.flatMap((entry) => {
          const foundBy = digestOf(entry);
          const named = found.get(foundBy)?.map((each) => ({ ...consumerOf(kinds, each), by: { foundBy } }));
          return named ?? [{ ...consumerOf(kinds, entry), by: {} }];
        });
  const checks = target.checks.map((entry) => bound(entry, (stored) => bindCheck(kinds, stored)));
  const standby = target.standby?.map((entry) => bound(entry, (stored) => bindCheck(kinds, stored)));
  const { abilities, principals, symbols, ...shape } = rotator.shape;
  const templates = stores.flatMap(({ values }) =>
    Object.values(values).map(({ template, format }) => parseTemplate(template, format)),
  );
  return {
    rotator: { kind: rotator.kind, entry: rotator.entry, ...abilities, ...shape, fields: { ...shape.fields } },
    publishes: stores.map(({ kind, entry, values, shape: { label, readable } }) => ({
      kind,
      entry,
      label,
      values,
      ...(readable ? {} : { readable }),
    })),
    consumers:
      target.consumers === "live"
        ? "live"
        : consumers.map(({ shape: { label, noun, holdMs, withinMs }, kind, entry, by }) => ({
            kind,
            entry,
            label,
            ...(noun === undefined ? {} : { noun }),
            ...(holdMs === undefined ? {} : { holdMs }),
            ...(withinMs === undefined ? {} : { withinMs }),
            ...by,
          })),
    checks: checks.map(({ kind, entry, shape: { label, settleMs } }) => ({ kind, entry, label, settleMs })),
    ...(standby === undefined
      ? {}
      : { standby: standby.map(({ kind, entry, shape: { label } }) => ({ kind, entry, label })) }),
    ...(target.byHand === undefined ? {} : { byHand: target.byHand }),
    locks: [`target ${targetName(target)}`, ...principals, ...stores.flatMap(locksOf)],
    movingLocks: [
      ...new Set([
        ...consumers.flatMap(({ shape: { locks } }) => locks),
        ...(target.group === undefined ? [] : [`group ${target.group}`]),
      ]),
    ],
    alphabet: alphabetFor(
      templates,
      stores.map(({ shape }) => shape.alphabet),
      symbols,
    ),
  };
}

/** The whole plan and its digest: what people approve. Pure. */
export function makePlan(
  target: Target,
  policy: PinnedPolicy,
  cause: Cause,
  draft: Draft,
  seen: Pick<Survey, "present" | "red"> &
    Partial<Pick<Survey, "released">> & { readonly current: Pick<Credential, "ref"> | undefined },
): { readonly plan: Plan; readonly digest: string } {
  const { usage } = draft.rotator;
  const leaked = cause === "leaked";
  // Nobody's time stands in the way of a leaked one.
  const byHand = leaked ? undefined : draft.byHand;
  const answers = {
    ...draft.rotator,
    usage: target.idle.kind === "none" ? ("none" as const) : usage,
    present: seen.present === "unknown" ? ("works" as const) : seen.present,
    byHand: byHand !== undefined,
  };
  const { released = [] } = seen;
  const plan: Plan = {
    format: 1,
    secret: target.secret,
    environment: target.environment,
    owner: target.owner,
    ...(target.contacts === undefined ? {} : { contacts: target.contacts }),
    ...(target.group === undefined ? {} : { group: target.group }),
    ...(target.unasked === undefined ? {} : { unasked: target.unasked }),
    cause,
    policy,
    rotator: draft.rotator,
    ...(seen.current === undefined ? {} : { current: seen.current.ref }),
    present: seen.present,
    publishes: draft.publishes,
    consumers: draft.consumers,
    checks: draft.checks,
    ...(draft.standby === undefined ? {} : { standby: draft.standby }),
    ...(byHand === undefined ? {} : { byHand }),
    locks: [...new Set(draft.locks)],
    movingLocks: [...draft.movingLocks],
    alphabet: draft.alphabet,
    graceMs: leaked ? 0 : target.graceMs,
    graceMaxMs: target.graceMaxMs,
    noticeMs: leaked ? 0 : target.noticeMs,
    idleForMs: leaked ? 0 : target.idle.forMs,
    watchMs: target.watchMs,
    ...(released.length === 0 ? {} : { releases: [...released] }),
    red: [...seen.red],
    ...(isBlind(draft, seen.present) ? composeBlind(answers) : compose(answers)),
  };
  return { plan, digest: digestOf(plan) };
}

function locksOf({
  shape: { locks, lockedByKey = false },
  values,
}: {
  readonly shape: StoreShape;
  readonly values: Target["publish"][number]["values"];
}): readonly string[] {
  return lockedByKey ? locks.flatMap((lock) => Object.keys(values).map((key) => `${lock}#${key}`)) : locks;
}

function consumerOf(kinds: Kinds, entry: Entry) {
  return bound(entry, (stored) => bindConsumer(kinds, stored));
}

function bound<T>(
  entry: Entry,
  bind: (stored: { kind: string; entry: Entry }) => T,
): T & { kind: string; entry: Entry } {
  const kind = typeof entry["kind"] === "string" ? entry["kind"] : "";
  return { ...bind({ kind, entry }), kind, entry };
}
