/**
 * The contracts between Keyturn and the systems it works on. Words used here:
 *
 * - credential: what is presented to the issuer; it has a public `ref` and secret fields.
 * - issuer: the system that checks it. rotator: the plug-in for one kind of credential.
 * - store: where applications read it. consumer: a workload that uses it. check: a proof step; its result is a verdict.
 * - slots: `current` (in use at the start) and `pending` (made by this rotation).
 * - laggard: who still uses the old one. lease: the right to act on one rotation for some seconds.
 *
 * Duties of every method, unless it says otherwise:
 * - It honours `signal`, and settles soon after it is aborted. It never sleeps, polls, reconnects or resends by itself:
 *   waiting and retrying are the engine's, which calls again. Switch such features of a client library off.
 * - It may be killed between any two commands on the wire and called again with the same arguments; the end state is the
 *   same as of one undisturbed call. So: look first, then act.
 * - It calls `session.guard()` immediately before each command that changes something outside.
 * - "Could not look" throws. Absence, refusal and failure of what was looked at are values.
 * - Errors: `TryLater` (theirs, passing), `GiveUp` (final); anything else is tried again with back-off. No error, log
 *   line, ref, finding or piece of evidence holds a secret or an encoding of one.
 */
import type { z } from "zod";
import type { Ref } from "./credential.ts";
import type { Trial } from "./issuer.ts";
import type { Secret } from "./secret.ts";
import type { Connects, Context, Finding, Json } from "./session.ts";
import type { Entry } from "./target.ts";

export type * from "./issuer.ts";
export type * from "./session.ts";

// --- Connection --------------------------------------------------------------------------------------------------------

/** A system that several entries use (a cluster, a vault), configured once under `connections:`. */
export type ConnectionKind = { readonly kind: string; readonly config: z.ZodType };

// --- Store -------------------------------------------------------------------------------------------------------------

export type StoreShape = {
  readonly readable: boolean;
  readonly cas: "native" | "compare" | "none";
  /** Consumers see a change without a restart. */
  readonly live: boolean;
  /** Characters that values in it may hold; undefined: any. */
  readonly alphabet?: string;
  /** Lock names: no two rotations move one of them at a time. */
  readonly locks: readonly string[];
  /** Rotations of different keys of one place cannot disturb each other: the locks are then taken for each key. Default false. */
  readonly lockedByKey?: boolean;
  /** "kind place", as people read it. */
  readonly label: string;
};

export type StoreKind = {
  readonly kind: string;
  readonly connects?: Connects;
  readonly config: z.ZodType;
  readonly bind: (entry: unknown) => BoundStore;
};
export type BoundStore = { readonly shape: StoreShape; readonly open: (context: Context) => Promise<Store> };

/**
 * `values` has exactly the keys asked for; undefined: the key is not there. Of a store that is not readable only `version` counts;
 * it is given all keys at each publish. `version` is opaque and public. `raw`: where one
 * value can be written in several ways (quotes, escapes), how each is written now; opaque, given back with the way back.
 * `place`: the object that holds them, where each publish makes another one and consumers must be pointed at it.
 */
export type Reading = {
  readonly version: string;
  readonly values: Readonly<Record<string, Secret | undefined>>;
  readonly raw?: Readonly<Record<string, Secret>>;
  readonly place?: string;
};

/**
 * An open store, bound to its place. Laws (`test/contract/store.ts`): only the named keys change, and everything else in
 * the file or object stays byte for byte; a write against a stale version throws LostRace and changes nothing; foreign
 * ownership (a controller, a GitOps tool, a symlink out) is a finding that names the real source.
 */
export type Store = {
  /**
   * Removes what an older epoch of this rotation has prepared but not made visible (a temporary file): it can then never
   * become visible. "unfenced" where nothing can be kept from arriving late: `preflight` then says so (code "unfenced"), and
   * the engine waits one time-out before it looks.
   */
  readonly fence: () => Promise<"fenced" | "unfenced">;
  /** Can our keys be written here? Reads only: duplicate keys, rights, ownership. */
  readonly preflight: (keys: readonly string[]) => Promise<readonly Finding[]>;
  /** Throws GiveUp("store_missing") when the place itself does not exist. */
  readonly read: (keys: readonly string[]) => Promise<Reading>;
  /** Sets the keys of `patch` (undefined removes one) in one atomic step, only if the version is still `expect`. Returns the new version. A value that is already there is no write. `raw` (of an earlier reading): a value that was written so is written so again. */
  readonly publish: (
    patch: Readonly<Record<string, Secret | undefined>>,
    expect: string,
    raw?: Readonly<Record<string, Secret>>,
  ) => Promise<{ readonly version: string; readonly place?: string }>;
  /** The key of `patch` whose value could not be read back the same from here, if there is one. Reads only; absent: any text can stand here. */
  readonly unstorable?: (patch: Readonly<Record<string, Secret | undefined>>) => Promise<string | undefined>;
  /** Where propagation takes time: whether applications would now read what was published. */
  readonly arrived?: (patch: Readonly<Record<string, Secret | undefined>>) => Promise<boolean>;
  /** Removes objects that earlier publishes of Keyturn made and that nothing can read any more; returns their names. Repeatable. */
  readonly prune?: () => Promise<readonly string[]>;
  /** Never throws. */
  readonly close: () => Promise<void>;
};

// --- Consumer ----------------------------------------------------------------------------------------------------------

/**
 * What consumers should run on. `since`: when it was published (ISO 8601 UTC, the database's clock). `values`: by store key.
 * `places`: by the label of a store whose publishes make a new object each, where it is now.
 */
export type Expected = {
  readonly ref: Ref;
  readonly public: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, Secret>>;
  readonly since: string;
  readonly places: Readonly<Record<string, string>>;
};

/** One running copy of a consumer. `id` is its unit, or begins with the unit and a slash. `on` is "unknown" when it cannot be told: that is never "new". */
export type Instance = {
  readonly id: string;
  readonly on: "new" | "old" | "unknown";
  readonly ready: boolean;
  readonly detail: string;
  /** Where its connections come from, as the issuer sees them: IP addresses, and client names where it sets one. */
  readonly addresses: readonly string[];
  readonly clients: readonly string[];
  /**
   * It runs (or tries to) on the new value and will not become ready by waiting: the roll-out fails at once. `lines`: its own
   * last log lines, raw; the caller shows them as signatures.
   */
  readonly failed?: { readonly code: string; readonly sentence: string; readonly lines: readonly string[] };
};

export type ConsumerShape = {
  readonly label: string;
  readonly locks: readonly string[];
  /** How a reload interrupts, for the plan. */
  readonly words: string;
  /** What its instances are called; default "instances". */
  readonly noun?: string;
  /** How long all of its instances must stay settled before the roll-out is done: something may undo a reload. Default 0. */
  readonly holdMs?: number;
  /** How long one unit may take to settle after its reload. Default 3 min. */
  readonly withinMs?: number;
};
export type ConsumerKind = {
  readonly kind: string;
  readonly connects?: Connects;
  readonly config: z.ZodType;
  readonly bind: (entry: unknown) => BoundConsumer;
};
/**
 * `discover`: the entry stands for whatever is found to use a place. Returns one entry per consumer, each of which binds by
 * itself; they take this one's place in the plan, so that people approve names. `unreached`: who else is found to use it, and is
 * reached by no reload; asked where nothing is discovered. Both read only.
 */
export type BoundConsumer = {
  readonly shape: ConsumerShape;
  readonly open: (context: Context) => Promise<Consumer>;
  readonly discover?: (context: Context) => Promise<readonly Entry[]>;
  readonly unreached?: (context: Context) => Promise<readonly Finding[]>;
};

/** Log lines of one instance. `complete` is false when some could not be read: then nothing may be concluded from them. */
export type LogLines = {
  readonly instance: string;
  readonly lines: readonly { readonly at: string | undefined; readonly text: string }[];
  readonly complete: boolean;
};

/** An open consumer. Laws: `test/contract/consumer.ts`. */
export type Consumer = {
  /** Programs in allowed places, rights, references. Reads only. */
  readonly preflight: () => Promise<readonly Finding[]>;
  /** The parts that are reloaded one after the other; each must settle before the next is touched. Reads only. */
  readonly units: () => Promise<readonly string[]>;
  /** Makes one unit read the stores again. A second call with the same session rotation and `expected` may restart it once more, never twice at a time. */
  readonly reload: (unit: string, expected: Expected) => Promise<void>;
  /** All instances now, of all units. An empty list is zero consumers, which is never settled. */
  readonly instances: (expected: Expected) => Promise<readonly Instance[]>;
  /** Raw log lines since then (ISO 8601 UTC), where the consumer can give them. The caller redacts. */
  readonly logs?: (since: string) => Promise<readonly LogLines[]>;
  /** Never throws. */
  readonly close: () => Promise<void>;
};

// --- Check -------------------------------------------------------------------------------------------------------------

export type Verdict = {
  readonly ok: boolean;
  /** One line for the thread: "health 200 redis=healthy (3 in a row)". Already free of secrets and raw log text. */
  readonly summary: string;
  readonly evidence: Json;
  /** Red, but not by this rotation (red before, or in an instance that is not on the new value): shown, not acted on. */
  readonly warning?: boolean;
};

/** What a check may look at beside its own configuration. `consumers` are open; `login` presents the pending (way back: current) credential. */
export type CheckScope = {
  readonly expected: Expected | undefined;
  readonly consumers: readonly Consumer[];
  /** Start of the period that is judged (ISO 8601 UTC). */
  readonly since: string;
  readonly now: string;
  readonly login: () => Promise<Trial>;
  /** Renders a text with `{{field}}` and references for the credential host that stands beside it. */
  readonly resolve: (reference: string) => Promise<Secret>;
};

export type CheckShape = { readonly label: string /** how long it must hold */; readonly settleMs: number };
export type CheckKind = {
  readonly kind: string;
  readonly connects?: Connects;
  readonly config: z.ZodType;
  readonly bind: (entry: unknown) => BoundCheck;
};
export type BoundCheck = { readonly shape: CheckShape; readonly open: (context: Context) => Promise<Check> };

/** An open check. A failing check is a value; throwing means that it could not look, which opens no gate. */
export type Check = {
  /** One look before anything changes. What is red already is listed as such, approved by name, and must later be no worse. */
  readonly baseline: (scope: CheckScope) => Promise<Json>;
  /** One look, compared with the baseline. Polling until it has held `settleMs` is the engine's. */
  readonly run: (baseline: Json, scope: CheckScope) => Promise<Verdict>;
  /** Never throws. */
  readonly close: () => Promise<void>;
};
