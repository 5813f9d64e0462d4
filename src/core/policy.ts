import { z } from "zod";

/** A time that has been parsed already: whole milliseconds, 0 or more. */
const Milliseconds = z.int().min(0);

/**
 * One line of a policy's `approvals`: `min` different people of the group `from` must press Approve. Lines need different
 * people. `else` names the group that is offered when `from` cannot reach `min`. `fresh: allow`: membership at the click is
 * enough (on-call changes hands); without it a person must also have been in the group when the request was made.
 */
const ApprovalLine = z.strictObject({
  from: z.string(),
  min: z.int().min(1),
  else: z.string().exactOptional(),
  fresh: z.literal("allow").exactOptional(),
});

/**
 * When a credential may be retired, in the local time of `zone` (an IANA name). `days`: 0 is Sunday. Minutes count from
 * local midnight; the window is `fromMinute <= now < toMinute` on one of `days`. `text` is what the catalog says.
 */
export const RetireWindow = z.strictObject({
  text: z.string(),
  zone: z.string(),
  days: z.array(z.int().min(0).max(6)).min(1),
  fromMinute: z.int().min(0).max(1439),
  toMinute: z.int().min(1).max(1440),
});
export type RetireWindow = z.infer<typeof RetireWindow>;

/** Who may ask, who must agree, and when: one entry of the catalog's `policies`, defaults filled in. Stored with the plan. */
export const Policy = z.strictObject({
  name: z.string(),
  /** Where the approval card is posted ("#name" or an id). */
  channel: z.string(),
  /** Groups; empty: full members of the approver groups and of `oncall`. */
  requesters: z.array(z.string()),
  approvals: z.array(ApprovalLine).min(1),
  /** The group that may also hold and roll back. Absent: nobody but those who approve. */
  oncall: z.string().exactOptional(),
  /** A request that has not been approved by then is over. */
  expiresMs: Milliseconds,
  /** Absent: at any time. */
  retire: RetireWindow.exactOptional(),
  /** false lifts "two different people besides the requester". */
  production: z.boolean(),
  /** What a verification failure does where a way back exists and `current` worked. */
  onFailure: z.enum(["rollback", "hold"]),
  /** Whether targets may have an overlap that refuses somebody (`single`, `delegated`). */
  allowSingle: z.boolean(),
  /** How often a blocked rotation mentions the people who must act. */
  remindMs: Milliseconds,
  /** After this long, a hold mentions its owner. */
  holdMs: Milliseconds,
});
export type Policy = z.infer<typeof Policy>;
