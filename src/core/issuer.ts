import type { z } from "zod";
import type { Credential, Ref } from "./credential.ts";
import type { Connects, Context, Finding } from "./session.ts";

/** The answers to the four questions from which a plan is composed (see `algebra.ts`), and what is known about time and death. */
export type RotatorShape = {
  readonly origin: "proposed" | "minted" | "handed-in";
  readonly overlap: "dual" | "accept-first" | "single" | "delegated";
  readonly triedAt: "issuer" | "consumer";
  /** Optional abilities. A missing one is said in the plan before approval; it is not a failed look. */
  readonly abilities: {
    readonly usage: "sessions" | "last-used" | "none";
    readonly disable: boolean;
    readonly refusals: boolean;
    readonly closeSession: boolean;
    /** `person`: there is no way to revoke by program, so a named person does it and confirms it with evidence. Default "api". */
    readonly revokeBy?: "api" | "person";
  };
  /** After `issue` (or `revoke`) returned, how long a wrong answer of `test` still means "try later". */
  readonly issueWithinMs: number;
  readonly deadWithinMs: number;
  /** accept-first only: how long both must be accepted once the new one is used: the longest life of what was made with it, and clock skew twice. */
  readonly overlapMs?: number;
  /** accept-first only: the longest cache life of readers that are not restarted. Default 0. */
  readonly soakMs?: number;
  /** single only: how long somebody is refused at most, as `words.cut` says it. Absent: nothing is promised. */
  readonly cutMs?: number;
  /** Principals at the issuer that a rotation of this target may touch, as lock names: no two rotations share one. */
  readonly principals: readonly string[];
  /** Names of the fields of its credentials that templates may use, and which of them are secret. */
  readonly fields: Readonly<Record<string, "public" | "secret">>;
  /** Characters that its values may be made of beside the usual ones, where templates and stores carry them: what an application asks of a password. Default none. */
  readonly symbols?: string;
  /** What the plan says to people: how the old one dies, how proof is had, and what a cut refuses. Plain sentences. */
  readonly words: { readonly issue: string; readonly retire: string; readonly proof: string; readonly cut?: string };
};

/** A plug-in for one kind of credential. Registered once, in `src/rotators/index.ts`. */
export type Rotator = {
  readonly kind: string;
  readonly connects?: Connects;
  readonly config: z.ZodType;
  /** Parses the `rotator:` entry of a target. Throws a ZodError whose paths point into that entry. Opens no connection. */
  readonly bind: (entry: unknown) => BoundRotator;
};

/** A rotator with its configuration. */
export type BoundRotator = {
  readonly shape: RotatorShape;
  /** Opens an administrative session that bears `session.name`. Throws TryLater when the issuer cannot be reached. */
  readonly open: (context: Context) => Promise<Issuer>;
};

/** One credential that exists at the issuer within the principals of the target. */
export type Listed = {
  readonly ref: Ref;
  readonly enabled: boolean /** rotation that made it, where the issuer carries a mark */;
  readonly mark?: string;
};

/**
 * The result of presenting a credential once. `unknown` is an answer that neither accepts nor refuses it in the documented way.
 * `asked`: whom it was presented to, in words for people: "3 of 3 instances asked".
 */
export type Trial =
  | { readonly verdict: "accepted"; readonly ms: number; readonly asked?: string }
  | {
      readonly verdict: "refused";
      readonly code: string /** refused because it is disabled, not because it is gone or wrong */;
      readonly disabled?: boolean;
    }
  | { readonly verdict: "unknown"; readonly code: string; readonly sentence: string };

/** A use of a credential that can be seen at the issuer. `id` closes it; `since` and `lastSeen` are ISO 8601 UTC. */
export type Use = {
  readonly id: string;
  readonly address: string;
  readonly client: string;
  readonly since: string;
  /** "certain": this very ref. "possible": this principal, and the session is older than the other ref, so it must have used this one, or it cannot be told. */
  readonly certainty: "certain" | "possible";
};

/**
 * Somebody was refused at the issuer. Which secret was tried is mostly unknown: never take it for proof of a laggard by
 * itself. `presented`: the issuer tells only refusals of the right secret, so whoever was refused holds it. `client`: "" for
 * one who was refused before it could say a name.
 */
export type Refusal = {
  readonly address: string;
  readonly client: string;
  readonly presented?: boolean;
  readonly at: string;
  readonly count: number;
};

/**
 * An open administrative session. Laws (tested by `test/contract/rotator.ts` against real servers):
 * 1. Additive until revoke: with overlap `dual`, after `issue` the old credential still passes `test`.
 * 2. Repeatable: `issue` twice leaves one new ref that works; `disable`, `enable`, `revoke` twice succeed.
 * 3. Interruptible: see the duties above.
 * 4. Own work only: `issue` writes to a ref it creates or, where principals alternate, to the vacant other one. disable,
 *    enable and revoke check the generation where the issuer carries one. Nothing unknown is ever deleted.
 * 5. Silent. 6. Prompt. 7. Honest about time and death (`issueWithinMs`, `deadWithinMs`).
 */
export type Issuer = {
  /**
   * Closes the administrative sessions of this rotation that bear an older epoch. Called once by a new lease holder before
   * anything else; after it returned, no command of an older holder can be accepted. "unfenced" where the issuer has no
   * sessions: the plan then says so.
   */
  readonly fence: () => Promise<"fenced" | "unfenced">;
  /** Privileges, persistence, versions, vacancy of the other principal. Reads only. All findings at once. `alphabet`: as in `propose`. */
  readonly preflight: (current: Credential | undefined, alphabet?: string) => Promise<readonly Finding[]>;
  /** What exists now, within the principals of the target. Reads only. */
  readonly list: () => Promise<readonly Listed[]>;
  /** Gives fields that were read out of a store, or handed in by a person, their ref. Reads only. Throws GiveUp("unknown_principal") when they belong to no principal of the target. */
  readonly identify: (fields: Pick<Credential, "public" | "secret">) => Promise<Credential>;
  /**
   * origin `proposed` only: makes the new credential in memory, everything derived from it included (verifier, salt, key
   * id). Sends nothing that changes anything. The engine seals the result before `issue`, and never calls this twice.
   */
  readonly propose?: (input: {
    readonly rotationId: string;
    readonly current: Credential | undefined;
    readonly alphabet: string;
  }) => Promise<Credential>;
  /** Makes the credential valid at every node and hop. `dual`: `current` stays valid. Returns the credential that is now valid. */
  readonly issue: (input: {
    readonly rotationId: string;
    readonly proposed: Credential | undefined;
    readonly current: Credential | undefined;
  }) => Promise<Credential>;
  /**
   * Hops that read what was published (a proxy's user file) are told to read it again, and must then let the credential in
   * that consumers get next (undefined: there was none before). Called after each publish step, both ways, before consumers
   * are touched. Repeatable. Throws when a hop does not let it in.
   */
  readonly published?: (credential: Credential | undefined) => Promise<void>;
  /**
   * Presents it exactly once per node, over the same path as the applications, in sessions of its own. Never throws for a
   * refusal. Where the applications themselves are the judges, something made with it afresh is presented to every instance:
   * "accepted" when all accept it, "refused" when all refuse it in the documented way, "unknown" when they disagree or one
   * could not be asked.
   */
  readonly test: (credential: Credential) => Promise<Trial>;
  /**
   * accept-first: whether every instance makes new things (signs, sends) with this credential now, and not with another.
   * Looks only. "accepted": all do; "refused": one does not, `code` names it; "unknown": one could not be asked.
   */
  readonly signs?: (credential: Credential) => Promise<Trial>;
  /**
   * accept-first: whether every public address out of which readers copy what is accepted (a key set) lists this credential
   * now, as readers see it: what stands in front of an address may answer with an older list. Absent where there is no such
   * address. Looks only. "accepted": all do; "refused": one does not, `code` names it; "unknown": one could not be asked.
   */
  readonly listedEverywhere?: (credential: Credential) => Promise<Trial>;
  /** Ends it for good; never called where a person revokes. What is already gone succeeds. Never touches another generation of the principal. */
  readonly revoke: (ref: Ref) => Promise<void>;
  /** Who uses it now (`sessions`) or did last (`last-used`). Keyturn's own sessions do not count. `other`: the ref that replaced it, and since when. */
  readonly usage?: (
    ref: Ref,
    other: { readonly ref: Ref; readonly since: string } | undefined,
  ) => Promise<readonly Use[]>;
  /** Ends one session, named by `Use.id`. One that is gone already succeeds. */
  readonly closeSession?: (id: string) => Promise<void>;
  /** Refuses new logins, reversibly. */
  readonly disable?: (ref: Ref) => Promise<void>;
  /** Takes `disable` back; the credential is accepted again as before. */
  readonly enable?: (credential: Credential) => Promise<void>;
  /** Who was refused as this principal since then (ISO 8601 UTC). */
  readonly refusals?: (ref: Ref, since: string) => Promise<readonly Refusal[]>;
  /** Ends the session. Never throws. */
  readonly close: () => Promise<void>;
};
