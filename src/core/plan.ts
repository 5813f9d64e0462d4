import { z } from "zod";
import { Ref, Slot } from "./credential.ts";
import { RetireWindow } from "./policy.ts";
import { Entry, Value } from "./target.ts";

/** The format of a stored plan. A plan of another format is never run: the rotation blocks and says which version can. */
const planFormat = 1;

/** Each kind is one file in `steps/`. */
export const StepKind = z.enum([
  "announce",
  "preflight",
  "collect",
  "issue",
  "test",
  "accept",
  "sign",
  "publish",
  "rollout",
  "soak",
  "verify",
  "witness",
  "grace",
  "recheck",
  "idle",
  "enable",
  "disable",
  "watch",
  "revoke",
  "confirm",
  "prove",
  "forget",
]);
export type StepKind = z.infer<typeof StepKind>;

/**
 * `slot`: which credential the step is about. `accepted`: which one is accepted beside it meanwhile (accept-first). `id` is
 * unique in the plan and stands in journal, thread and audit.
 */
export const Step = z.strictObject({
  id: z.string(),
  kind: StepKind,
  slot: Slot,
  accepted: Slot.exactOptional(),
  title: z.string(),
});
export type Step = z.infer<typeof Step>;

/** A group of people, or a reviewed list of them, as pinned when the request was made. */
export const PinnedGroup = z.strictObject({
  label: z.string(),
  groupId: z.string().exactOptional(),
  users: z.array(z.string()).exactOptional(),
});
export type PinnedGroup = z.infer<typeof PinnedGroup>;

/**
 * One line of `approvals`: `min` different people of `from`. `fresh`: who joined after the request counts too (on-call changes hands).
 * `insteadOf`: the group of the catalog that could not meet this line, so that its `else` group was asked.
 */
export const ApprovalLine = z.strictObject({
  from: PinnedGroup,
  min: z.int().min(1),
  else: PinnedGroup.exactOptional(),
  insteadOf: PinnedGroup.exactOptional(),
  fresh: z.boolean(),
});
export type ApprovalLine = z.infer<typeof ApprovalLine>;

/** The policy with every handle resolved to an id. */
export const PinnedPolicy = z.strictObject({
  name: z.string(),
  channel: z.strictObject({ id: z.string(), name: z.string() }),
  requesters: z.array(PinnedGroup),
  approvals: z.array(ApprovalLine),
  oncall: PinnedGroup.exactOptional(),
  production: z.boolean(),
  onFailure: z.enum(["rollback", "hold"]),
  expiresMs: z.int(),
  remindMs: z.int(),
  holdMs: z.int(),
  retire: RetireWindow.exactOptional(),
});
export type PinnedPolicy = z.infer<typeof PinnedPolicy>;

export const Cause = z.enum(["routine", "leaked"]);
export type Cause = z.infer<typeof Cause>;

/**
 * Everything that decides what is done and to whom, and nothing else: its digest is what people approve. It is stored with
 * the request and runs to its end, rollback included, whatever becomes of the catalog meanwhile. Adapter entries are kept
 * as written (names of references, never values) and bound again by their kind when they run. Durations are milliseconds.
 */
export const Plan = z.strictObject({
  format: z.literal(planFormat),
  secret: z.string(),
  environment: z.string(),
  owner: z.string(),
  contacts: z.string().exactOptional(),
  group: z.string().exactOptional(),
  /** What a person tries by hand once every check has passed. */
  byHand: z.array(z.string()).exactOptional(),
  /** Instances that cannot be asked: a named person confirms for them that they accept, and that they use, the new one. */
  unasked: z.array(z.string()).exactOptional(),
  cause: Cause,
  policy: PinnedPolicy,
  rotator: z.strictObject({
    kind: z.string(),
    entry: Entry,
    overlap: z.enum(["dual", "accept-first", "single", "delegated"]),
    origin: z.enum(["proposed", "minted", "handed-in"]),
    triedAt: z.enum(["issuer", "consumer"]),
    usage: z.enum(["sessions", "last-used", "none"]),
    disable: z.boolean(),
    refusals: z.boolean(),
    closeSession: z.boolean(),
    revokeBy: z.enum(["api", "person"]).exactOptional(),
    issueWithinMs: z.int(),
    deadWithinMs: z.int(),
    overlapMs: z.int().exactOptional(),
    soakMs: z.int().exactOptional(),
    cutMs: z.int().exactOptional(),
    fields: z.record(z.string(), z.enum(["public", "secret"])),
    words: z.strictObject({
      issue: z.string(),
      retire: z.string(),
      proof: z.string(),
      cut: z.string().exactOptional(),
    }),
  }),
  current: Ref.exactOptional(),
  present: z.enum(["works", "none", "broken", "unknown"]),
  publishes: z.array(
    z.strictObject({
      kind: z.string(),
      entry: Entry,
      label: z.string(),
      values: z.record(z.string(), Value),
      /** false: what it holds cannot be read back. */
      readable: z.literal(false).exactOptional(),
    }),
  ),
  consumers: z.union([
    z.literal("live"),
    z.array(
      z.strictObject({
        kind: z.string(),
        entry: Entry,
        label: z.string(),
        noun: z.string().exactOptional(),
        holdMs: z.int().exactOptional(),
        withinMs: z.int().exactOptional(),
        /** Digest of the catalog's entry that found it, where it was not listed by name. */
        foundBy: z.string().exactOptional(),
      }),
    ),
  ]),
  checks: z.array(z.strictObject({ kind: z.string(), entry: Entry, label: z.string(), settleMs: z.int() })),
  /** Checks of who carries the load meanwhile: no step that moves anything begins while one is red. */
  standby: z.array(z.strictObject({ kind: z.string(), entry: Entry, label: z.string() })).exactOptional(),
  locks: z.array(z.string()),
  /** Held only while something moves: consumers and the target's group. */
  movingLocks: z.array(z.string()),
  alphabet: z.string(),
  graceMs: z.int(),
  graceMaxMs: z.int(),
  noticeMs: z.int(),
  idleForMs: z.int(),
  watchMs: z.int(),
  /** accept-first: keys that hold something accepted which this rotation gives up; the approval names them. */
  releases: z.array(z.string()).exactOptional(),
  /** Checks that were red when the request was made; the approval accepts them by name. */
  red: z.array(z.string()),
  steps: z.array(Step),
  back: z.array(Step),
  /** The step after whose first effect there is no way back; undefined: there is one to the end. */
  pointOfNoReturn: z.string().exactOptional(),
});
export type Plan = z.infer<typeof Plan>;
