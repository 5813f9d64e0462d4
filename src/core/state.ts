/**
 * What the engine needs from the database. One implementation (`src/state/`), PostgreSQL always; the contract suite is
 * `test/contract/state.ts`. Laws:
 *
 * - Only the lease holder appends, under the rotation's row lock; an append with an older epoch throws LeaseLost and
 *   leaves nothing behind. Events, seals, audit entries, consumed commands and locks of one append are one transaction.
 * - `now` is the database's clock: workers' clocks decide nothing.
 * - A vote, command or audit entry whose HMAC does not verify counts for nothing and is reported as tampering.
 * - Ending a rotation destroys its data key; the journal stays, the sealed values are gone.
 */
import type { Event, StoredEvent } from "./events.ts";
import type { Secret } from "./secret.ts";

/** The right to act on one rotation. `untilMonotonicMs` is measured before the database was asked, so it errs on the safe side. */
export type Lease = {
  readonly rotationId: string;
  readonly epoch: number;
  readonly holder: string;
  readonly untilMonotonicMs: number;
  /** When it was last taken, by this or an earlier holder, from one that had not given it back (ISO 8601 UTC, the database's clock). */
  readonly overtakenAt?: string;
};

/** Who did it. `slack`: ids of a verified payload. `os`: the operating system's user on the command line. `engine`: by itself. */
export type Actor = { readonly kind: "slack" | "os" | "engine"; readonly id: string; readonly team?: string };

/** The slot in which what was handed in over a link waits to be tried. */
export function collectSlot(linkId: string): string {
  return `collect:${linkId}`;
}

/** A sealed value: slot and position ("pending", "password"; "store:0", "DATABASE_URL") are authenticated with it. */
export type Seal = { readonly slot: string; readonly position: string; readonly value: Secret };

/** One line of the audit log. `detail` holds no secrets. */
export type AuditEntry = {
  readonly actor: Actor;
  readonly verb: string;
  readonly rotationId: string | undefined;
  readonly detail: string;
};

/** Somebody's press on one rotation, not yet turned into an event. */
export type Command = {
  readonly id: string;
  readonly rotationId: string;
  readonly verb: string;
  readonly actor: Actor;
  readonly at: string;
  /** Verb-specific, small, JSON; parsed by the engine. */
  readonly detail: string;
};

export type Vote = {
  readonly rotationId: string;
  readonly actor: Actor;
  readonly decision: "approve" | "reject";
  /** Digest of the plan (or of an override request) that the voter saw. */
  readonly digest: string;
  /** "plan", or the id of an override request such as "retire-now:3". */
  readonly subject: string;
  /** A rejecting person's own words; user text, never interpreted. */
  readonly because?: string;
  readonly at: string;
};

/** A row for lists: the fold's headline, kept beside the journal in the same transaction. */
export type Headline = {
  readonly id: string;
  readonly secret: string;
  readonly environment: string;
  readonly status: "pending" | "running" | "held" | "blocked" | "ended";
  readonly line: string;
  readonly openedAt: string;
  readonly dueAt: string | undefined;
};

/** A one-time link over which one person hands fields in. `id` is public; the token is known by its hash only. */
export type CollectLink = {
  readonly id: string;
  readonly rotationId: string;
  /** Whom it was given to. */
  readonly actor: Actor;
  readonly fields: readonly string[];
  readonly expiresAt: string;
};

export type Append = {
  readonly events: readonly Event[];
  readonly seals?: readonly Seal[];
  readonly audit?: readonly AuditEntry[];
  /** Commands that these events answer; they are not given out again. */
  readonly consumed?: readonly string[];
  /** Lock names to take with this append (all or none; a taken one fails the append with the holder's id), and to give back. */
  readonly lock?: readonly string[];
  readonly unlock?: readonly string[] | "all";
  readonly headline: Headline;
  /** Slots whose sealed values are removed with it. */
  readonly destroySlots?: readonly string[];
  /** Destroy the data key of the rotation in the same transaction. */
  readonly destroySeals?: boolean;
};

/** `taken`: nothing was written, because `lock` is held by another rotation. */
export type Appended =
  | { readonly kind: "appended"; readonly events: readonly StoredEvent[] }
  | { readonly kind: "taken"; readonly lock: string; readonly by: string };

export type State = {
  /** ISO 8601 UTC with milliseconds, of the database. */
  readonly now: () => Promise<string>;

  /** First append of a rotation; makes its data key. Throws KeyturnError("exists") for a known id. */
  readonly create: (rotationId: string, append: Append) => Promise<readonly StoredEvent[]>;
  /** All events in order, parsed (an event of an unknown version throws). Empty: no such rotation. */
  readonly load: (rotationId: string) => Promise<readonly StoredEvent[]>;
  /** `expectedSeq`: seq of the last event the caller has seen; another one throws LeaseLost (somebody else appended). */
  readonly append: (lease: Lease, expectedSeq: number, append: Append) => Promise<Appended>;
  /** Opens the sealed values of one slot, by position. Empty when there are none. */
  readonly unseal: (rotationId: string, slot: string) => Promise<Readonly<Record<string, Secret>>>;

  /** Takes the lease if it is free or run out; the epoch grows with each new holder. Undefined: somebody else holds it. */
  readonly acquire: (rotationId: string, holder: string, ttlMs: number) => Promise<Lease | undefined>;
  /** Prolongs it, same epoch. Undefined: lost. */
  readonly renew: (lease: Lease, ttlMs: number) => Promise<Lease | undefined>;
  /**
   * Gives it back. `dueInMs`: when somebody must look again even if no job comes; Infinity: only after a press or a vote;
   * undefined: as the last headline says. Never throws.
   */
  readonly release: (lease: Lease, dueInMs?: number) => Promise<void>;

  /** Records a press together with its audit entry. The same (rotation, verb, actor, `onceKey`) again changes nothing and returns false. */
  readonly addCommand: (command: Omit<Command, "id" | "at">, onceKey: string, audit: AuditEntry) => Promise<boolean>;
  readonly commands: (rotationId: string) => Promise<readonly Command[]>;
  /** Records a vote with its audit entry; one per rotation, subject and person. Returns false when that person had voted. */
  readonly addVote: (vote: Omit<Vote, "at">, audit: AuditEntry) => Promise<boolean>;
  /** Votes with a valid HMAC only. */
  readonly votes: (rotationId: string) => Promise<readonly Vote[]>;
  /** A result of a call that came back after the lease was gone; the holder reads it before it judges a lost reply. Sealed. */
  readonly addLateOutcome: (rotationId: string, epoch: number, effect: string, outcome: Secret) => Promise<void>;
  readonly lateOutcomes: (
    rotationId: string,
  ) => Promise<readonly { readonly epoch: number; readonly effect: string; readonly outcome: Secret }[]>;

  /** Links over which people hand fields in. They end with the rotation. */
  readonly collects: {
    /** Makes one (`tokenHash`: SHA-256 in hex) and voids the earlier ones of this rotation. Throws KeyturnError("seals_destroyed") when it has ended. */
    readonly open: (
      link: Omit<CollectLink, "expiresAt"> & { readonly tokenHash: string },
      ttlMs: number,
      audit: AuditEntry,
    ) => Promise<CollectLink>;
    /** "gone": used, run out, void, or its rotation has ended. Undefined: there never was such a link. Changes nothing. */
    readonly find: (tokenHash: string) => Promise<CollectLink | "gone" | undefined>;
    /**
     * Uses it up: in one transaction the values are sealed in the slot `collectSlot(id)`, the command `collected` (detail: the
     * link's id) wakes the holder, and the audit entry is written. False when it is gone; of two at once one gets true.
     */
    readonly use: (tokenHash: string, values: Readonly<Record<string, Secret>>, audit: AuditEntry) => Promise<boolean>;
  };

  /** Rotations that are not ended, or all of them, newest first. */
  readonly list: (filter: {
    readonly open?: boolean;
    readonly secret?: string;
    readonly environment?: string;
    readonly limit?: number;
  }) => Promise<readonly Headline[]>;
  /** Ids that are due (dueAt has passed), or have unconsumed commands or votes: what the sweeper wakes. */
  readonly due: () => Promise<readonly string[]>;
  /** Ids whose lease ran out without having been given back: whoever held it is gone, and so may its job be for some seconds. */
  readonly orphaned: () => Promise<readonly string[]>;
  /** Which rotation holds each of these locks. */
  readonly lockHolders: (locks: readonly string[]) => Promise<Readonly<Record<string, string>>>;

  /** What of a rotation has been shown in Slack (message ids, last posted event). One JSON text per rotation; `write` compares the old text and returns false when it changed meanwhile. */
  readonly cursor: {
    readonly read: (rotationId: string) => Promise<string | undefined>;
    readonly write: (rotationId: string, expected: string | undefined, next: string) => Promise<boolean>;
  };
  /** When Slack accepted a notice of this name (ISO 8601 UTC, database's clock). The first time stands. */
  readonly notices: {
    readonly accepted: (rotationId: string, name: string) => Promise<string | undefined>;
    readonly accept: (rotationId: string, name: string) => Promise<void>;
  };
  /** Remembers a delivery (envelope or press) for an hour. False: it was seen before, by any process. */
  readonly firstTime: (key: string) => Promise<boolean>;
  /** A setting that is written once (the pinned workspace). Returns what stands. */
  readonly pin: (name: string, value: string) => Promise<string>;
  /** What such a setting says, without writing it. */
  readonly pinned: (name: string) => Promise<string | undefined>;

  /** Appends to the audit log alone (refusals, reloads). */
  readonly audit: (entry: AuditEntry) => Promise<void>;
  /**
   * Recomputes the chain and the HMACs. `head`: hash of the newest entry. `expected`: a hash (or its beginning) that was
   * noted earlier; `foundAt` is the number of its entry, and absent when no entry has it, so that the log was cut or rewritten.
   */
  readonly verifyAudit: (expected?: string) => Promise<{
    readonly ok: boolean;
    readonly entries: number;
    readonly head: string;
    readonly problem?: string;
    readonly foundAt?: number;
  }>;
  readonly auditHead: () => Promise<string>;
};
