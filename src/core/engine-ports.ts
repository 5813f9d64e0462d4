import type { Kinds } from "./kinds.ts";
import type { PinnedGroup, Plan } from "./plan.ts";
import type { Secret } from "./secret.ts";
import type { State } from "./state.ts";

/**
 * About whom a group is asked. `people`: these, to decide. `atLeast`: everybody, to count who could act, and never to decide:
 * so many of them, or all, were looked at; of the others it is known only that they are on the list.
 */
export type Wanted = { readonly people: readonly string[] } | { readonly atLeast: number };

/**
 * Which of the wanted are in a group now: ids of full members (no bots, guests, external or deactivated people). `isShared`:
 * whether people of another company are in a channel, or are about to be. Both throw TryLater when Slack cannot say.
 */
export type Directory = {
  readonly members: (group: PinnedGroup, wanted: Wanted) => Promise<readonly string[]>;
  readonly isShared?: (channel: string) => Promise<boolean>;
};

/** Constant messages with fields beside them. */
export type Log = {
  readonly info: (fields: Readonly<Record<string, unknown>>, message: string) => void;
  readonly warn: (fields: Readonly<Record<string, unknown>>, message: string) => void;
};

/** What the engine is given by the composition root: it has no clock, no timer and no environment of its own. */
export type EngineDeps = {
  readonly state: State;
  readonly kinds: Kinds;
  readonly directory: Directory;
  /**
   * Whether the catalog, as it is now, still makes this very plan of its target. Asked until step 1, never after. Throws TryLater
   * while Slack has not said yet which groups the catalog means.
   */
  readonly catalogStill: (plan: Plan) => boolean;
  readonly resolve: (reference: string) => Promise<Secret>;
  /** Milliseconds on a clock that only goes forward, suspended processes included. */
  readonly monotonicMs: () => number;
  /** Calls `beat` every so often until stopped. */
  readonly heartbeat: (everyMs: number, beat: () => Promise<void>) => { readonly stop: () => void };
  readonly log: Log;
  /** Unique name of this worker process. */
  readonly holder: string;
  /** Life of a lease without a heartbeat. */
  readonly leaseMs: number;
};

/** What a job does next. `waiting`: a press, a vote or `untilMs` from now wakes it. */
export type Advanced =
  | { readonly kind: "done" }
  | { readonly kind: "again"; readonly afterMs: number }
  | { readonly kind: "waiting"; readonly untilMs?: number };
