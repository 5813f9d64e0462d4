import type { Credential, Slot } from "./credential.ts";
import type { Explanation } from "./errors.ts";
import type { Event } from "./events.ts";
import type { Plan, Step } from "./plan.ts";
import type { Check, Consumer, Issuer, Json, Store } from "./ports.ts";
import type { Rotation, StepState } from "./rotation.ts";
import type { Secret } from "./secret.ts";
import type { Seal } from "./state.ts";

/**
 * How one run of a step ended. `again`: nothing is wrong, look again then. `failed`: the engine takes the way back where
 * one exists, else blocks. `blocked`: only a person can decide. `rewind`: from that step on everything is run again.
 */
export type StepResult =
  | { readonly kind: "done"; readonly sentence: string; readonly detail?: Json }
  | { readonly kind: "again"; readonly afterMs: number }
  | { readonly kind: "failed"; readonly reason: Explanation }
  | { readonly kind: "blocked"; readonly reason: Explanation }
  | { readonly kind: "rewind"; readonly from: string; readonly reason: Explanation };

/** The adapters of a plan, opened under the lease, fenced, and closed by the engine. Opening is lazy and happens once per run. */
export type Open = {
  readonly issuer: () => Promise<Issuer>;
  readonly stores: () => Promise<readonly Store[]>;
  readonly consumers: () => Promise<readonly Consumer[]>;
  readonly checks: () => Promise<readonly Check[]>;
  readonly standby: () => Promise<readonly Check[]>;
  readonly resolve: (reference: string) => Promise<Secret>;
};

/** What an effect leaves in the journal. */
export type Outcome = { readonly detail: Json; readonly seals?: readonly Seal[]; readonly events?: readonly Event[] };

/** What a step file is given. Everything that changes the world goes through `effect`. */
export type StepContext = {
  /** The fold as of the last append; grows while the step runs. */
  readonly rotation: () => Rotation;
  readonly plan: Plan;
  readonly step: Step;
  readonly state: () => StepState;
  /** The database's clock, read at this call. */
  readonly now: () => Promise<string>;
  readonly open: Open;
  /** The credential of a slot, from the seals. Undefined: that slot is empty. */
  readonly credential: (slot: Slot) => Promise<Credential | undefined>;
  readonly unseal: (slot: string) => Promise<Readonly<Record<string, Secret>>>;
  /** Appends events (and seals) under the lease, durable when it resolves. `destroySlots`: sealed slots that go with it. */
  readonly record: (
    events: readonly Event[],
    seals?: readonly Seal[],
    destroySlots?: readonly string[],
  ) => Promise<void>;
  /**
   * Runs one effect at most as often as it must: an outcome in the journal is returned without a call; otherwise the intent
   * is durable first, with `seals` beside it, the lease is checked, `act` runs, and its result becomes the outcome, in one
   * append with the seals and events that the act returns.
   */
  readonly effect: (name: string, act: () => Promise<Outcome>, seals?: readonly Seal[]) => Promise<Json>;
  /**
   * The same for several effects that may run side by side: all intents are durable first, the acts run at the same time, and
   * each outcome is kept. The first failure is thrown when all have ended.
   */
  readonly effects: (all: readonly { readonly name: string; readonly act: () => Promise<Outcome> }[]) => Promise<void>;
  /**
   * Writes a note when `key` (default: the sentence) under this topic is new, and returns since when it stands (ISO 8601
   * UTC). `loud`: it becomes a reply in the thread.
   */
  readonly note: (
    topic: string,
    sentence: string,
    options?: { readonly key?: string; readonly detail?: Json; readonly loud?: boolean },
  ) => Promise<string>;
  /** When Slack accepted the notice of this name. */
  readonly noticed: (name: string) => Promise<string | undefined>;
};
