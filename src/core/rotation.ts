import type { Ref } from "./credential.ts";
import type { Explanation } from "./errors.ts";
import type { EventOf, Present, StoredEvent } from "./events.ts";
import type { Plan } from "./plan.ts";
import type { Finding, Json } from "./ports.ts";
import type { Actor } from "./state.ts";

/** One effect of a step: intended before it is tried, with an outcome after it is known. */
export type Effect = { readonly intendedAt: string; readonly outcomeAt?: string; readonly detail?: Json };
export type Note = {
  readonly at: string;
  readonly key: string;
  readonly sentence: string;
  readonly detail: Json;
  readonly seq: number;
};

export type StepState = {
  readonly status: "started" | "done" | "failed";
  readonly startedAt: string;
  readonly attempt: number;
  readonly doneAt?: string;
  readonly sentence?: string;
  readonly reason?: Explanation;
  readonly effects: Readonly<Record<string, Effect>>;
  readonly notes: Readonly<Record<string, Note>>;
  /** The last thing that was handed in, by the id of its link. */
  readonly collected?: { readonly link: string; readonly by: Actor; readonly at: string };
  readonly confirmed?: { readonly by: Actor; readonly evidence: string; readonly at: string };
};

/** A rotation: the fold of its journal. */
export type Rotation = {
  readonly id: string;
  readonly seq: number;
  readonly openedAt: string;
  readonly plan: Plan;
  readonly digest: string;
  readonly by: Actor;
  readonly because: string;
  readonly origin: EventOf<"requested">["origin"];
  readonly eligible: readonly (readonly string[])[];
  readonly findings: readonly Finding[];
  readonly expiresAt: string;
  readonly phase: "pending" | "approved" | "ended";
  readonly direction: "forward" | "back";
  readonly votes: EventOf<"approved">["votes"];
  readonly captured?: EventOf<"captured">;
  readonly present: Present;
  readonly current?: Ref;
  readonly pending?: Ref;
  /** The public fields of both, as templates use them. */
  readonly public: {
    readonly current: Readonly<Record<string, string>>;
    readonly pending: Readonly<Record<string, string>>;
  };
  readonly issuedAt?: string;
  readonly steps: Readonly<Record<string, StepState>>;
  readonly hold?: { readonly by: Actor; readonly until: string };
  readonly block?: { readonly step: string; readonly reason: Explanation; readonly live: string; readonly at: string };
  /** When a person last lifted a block: what was seen before it is no longer held against anybody. */
  readonly lookedAgainAt?: string;
  readonly turnedBack?: { readonly by: Actor; readonly reason: Explanation; readonly at: string };
  readonly graceUntil?: string;
  /** Gates that the full policy has skipped. */
  readonly skipped: readonly string[];
  /** How often the old credential was enabled again for a laggard. */
  readonly enabledAgain: number;
  readonly consumersBack: boolean;
  readonly ended?: EventOf<"ended"> & { readonly at: string };
};

/** Folds a journal. Undefined for an empty one. */
export function foldRotation(id: string, events: readonly StoredEvent[]): Rotation | undefined {
  let rotation: Rotation | undefined;
  for (const stored of events) {
    rotation = rotation === undefined ? begin(id, stored) : evolve(rotation, stored);
  }
  return rotation;
}

function begin(id: string, { event, seq, at }: StoredEvent): Rotation {
  if (event.type !== "requested") {
    throw new TypeError(`the journal of ${id} begins with ${event.type}`);
  }
  const { plan, digest, by, because, origin, eligible, findings = [], expiresAt } = event;
  return {
    id,
    seq,
    openedAt: at,
    plan,
    digest,
    by: actorOf(by),
    because,
    origin,
    eligible,
    findings,
    expiresAt,
    phase: "pending",
    direction: "forward",
    votes: [],
    present: plan.present,
    ...(plan.current === undefined ? {} : { current: plan.current }),
    public: { current: {}, pending: {} },
    steps: {},
    skipped: [],
    enabledAgain: 0,
    consumersBack: false,
  };
}

/** One event further. Pure: the same journal always gives the same rotation. */
export function evolve(rotation: Rotation, { event, seq, at }: StoredEvent): Rotation {
  const next = { ...rotation, seq };
  switch (event.type) {
    case "requested":
      throw new TypeError(`the journal of ${rotation.id} holds a second request`);
    case "approved":
      return { ...next, phase: "approved", votes: event.votes };
    case "rejected":
    case "cancelled":
    case "expired":
    case "refused":
      return next;
    case "captured":
      return {
        ...next,
        captured: event,
        present: event.present,
        ...(event.current === undefined
          ? {}
          : { current: event.current.ref, public: { ...rotation.public, current: event.current.public } }),
      };
    case "proposed":
      return { ...next, pending: event.ref, public: { ...rotation.public, pending: event.public } };
    case "issued":
      return {
        ...next,
        pending: event.ref,
        issuedAt: rotation.issuedAt ?? at,
        public: { ...rotation.public, pending: event.public },
      };
    case "step_started":
    case "intended":
    case "outcome":
    case "noted":
    case "collected":
    case "confirmed":
    case "step_done":
    case "step_failed":
      return {
        ...next,
        steps: { ...rotation.steps, [event.step]: evolveStep(rotation.steps[event.step], event, seq, at) },
      };
    case "held":
      return { ...next, hold: { by: actorOf(event.by), until: event.until } };
    case "resumed":
      return withoutHold(next);
    case "turned_back":
      return {
        ...withoutGrace(withoutBlock(withoutHold(next))),
        direction: "back",
        turnedBack: { by: actorOf(event.by), reason: explanationOf(event.reason), at },
      };
    case "blocked":
      return { ...next, block: { step: event.step, reason: explanationOf(event.reason), live: event.live, at } };
    case "unblocked":
      return { ...withoutBlock(next), lookedAgainAt: at };
    case "grace_changed":
      return { ...next, graceUntil: event.until };
    case "overridden":
      return { ...next, skipped: [...rotation.skipped, ...event.gates] };
    case "rewound":
      return rewound(next, event.from);
    case "consumers_back":
      return { ...next, consumersBack: true };
    case "ended":
      return { ...withoutBlock(withoutHold(next)), phase: "ended", ended: { ...event, at } };
  }
}

type StepEvent = EventOf<
  "step_started" | "intended" | "outcome" | "noted" | "collected" | "confirmed" | "step_done" | "step_failed"
>;

function evolveStep(state: StepState | undefined, event: StepEvent, seq: number, at: string): StepState {
  const known: StepState = state ?? { status: "started", startedAt: at, attempt: 0, effects: {}, notes: {} };
  switch (event.type) {
    case "step_started":
      // Before its first start it may have stood in line for a lock, with a note that says so: that time is not the step's.
      return { ...known, status: "started", attempt: event.attempt, ...(known.attempt === 0 ? { startedAt: at } : {}) };
    case "intended":
      return { ...known, effects: { ...known.effects, [event.effect]: { intendedAt: at } } };
    case "outcome":
      return {
        ...known,
        effects: {
          ...known.effects,
          [event.effect]: {
            intendedAt: known.effects[event.effect]?.intendedAt ?? at,
            outcomeAt: at,
            detail: event.detail,
          },
        },
      };
    case "noted":
      return {
        ...known,
        notes: {
          ...known.notes,
          [event.topic]: { at, key: event.key, sentence: event.sentence, detail: event.detail, seq },
        },
      };
    case "collected":
      return { ...known, collected: { link: event.link, by: actorOf(event.by), at } };
    case "confirmed":
      return { ...known, confirmed: { by: actorOf(event.by), evidence: event.evidence, at } };
    case "step_done":
      return { ...known, status: "done", doneAt: at, sentence: event.sentence };
    case "step_failed":
      return { ...known, status: "failed", reason: explanationOf(event.reason) };
  }
}

/**
 * With accept-first the grace begins anew: what a laggard has made with the old credential must stay valid for as long as it was
 * promised to, and whoever is named needs the time to be restarted.
 */
function rewound(rotation: Rotation, from: string): Rotation {
  // Whoever voted to retire now had not seen the laggard. What was skipped for a leaked credential (the standby too) stays skipped.
  const skipped = rotation.skipped.includes("standby") ? rotation.skipped : [];
  const again = { ...rotation, skipped, enabledAgain: rotation.enabledAgain + 1, steps: before(rotation, from) };
  return rotation.plan.rotator.overlap === "accept-first" ? withoutGrace(again) : again;
}

function before(rotation: Rotation, from: string): Rotation["steps"] {
  const index = rotation.plan.steps.findIndex(({ id }) => id === from);
  const kept = new Set(rotation.plan.steps.slice(0, Math.max(index, 0)).map(({ id }) => id));
  return Object.fromEntries(Object.entries(rotation.steps).filter(([id]) => kept.has(id)));
}

function withoutHold({ hold: _gone, ...rest }: Rotation): Rotation {
  return rest;
}

/** The grace of the way forward; the way back of accept-first has one of its own. */
function withoutGrace({ graceUntil: _gone, ...rest }: Rotation): Rotation {
  return rest;
}

function withoutBlock({ block: _gone, ...rest }: Rotation): Rotation {
  return rest;
}

function explanationOf(reason: { code: string; sentence: string; hint?: string | undefined }): Explanation {
  return reason.hint === undefined
    ? { code: reason.code, sentence: reason.sentence }
    : { code: reason.code, sentence: reason.sentence, hint: reason.hint };
}

/** Who did it, as the state knows people. */
export function actorOf(actor: EventOf<"requested">["by"]): Actor {
  return actor.team === undefined
    ? { kind: actor.kind, id: actor.id }
    : { kind: actor.kind, id: actor.id, team: actor.team };
}

/** Whether the step has had any effect (or may have had one: an intent without an outcome counts). */
export function touched(rotation: Rotation, stepId: string): boolean {
  return Object.keys(rotation.steps[stepId]?.effects ?? {}).length > 0;
}

/** Whether any forward step of this kind has had an effect. */
export function touchedKind(rotation: Rotation, kind: Plan["steps"][number]["kind"]): boolean {
  return rotation.plan.steps.some((step) => step.kind === kind && touched(rotation, step.id));
}

/** Whether the new credential may be valid at the issuer: it was issued, or a person has brought one that is. */
export function newMayLive(rotation: Rotation): boolean {
  const brought = rotation.plan.rotator.origin === "handed-in" && rotation.pending !== undefined;
  return brought || touchedKind(rotation, "issue");
}

/** Whether the point of no return lies behind. */
export function pastNoReturn(rotation: Rotation): boolean {
  const last = rotation.plan.pointOfNoReturn;
  return last !== undefined && touched(rotation, last);
}
