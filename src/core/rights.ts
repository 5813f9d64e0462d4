import type { Refusal } from "./desk.ts";
import type { PinnedGroup, PinnedPolicy } from "./plan.ts";
import type { PressVerb } from "./presses.ts";

/** Who stands where now, by Slack user id: full members only. */
export type Standing = {
  readonly requesters: readonly string[];
  /** By line of `approvals`. */
  readonly approvers: readonly (readonly string[])[];
  readonly oncall: readonly string[];
  /** Of the target, where its owner is a group. */
  readonly owners: readonly string[];
};

export type Verb = "request" | "vote" | "hand-in" | PressVerb;

/** What `refuseVerb` reads of a standing for each verb; the rest may be left empty. */
export const decidingParts: Readonly<Record<Verb, readonly (keyof Standing)[]>> = {
  request: ["requesters"],
  vote: ["approvers"],
  cancel: ["approvers"],
  hold: ["approvers", "oncall"],
  "roll-back": ["approvers", "oncall"],
  resume: ["approvers"],
  "extend-grace": ["approvers"],
  "look-again": ["approvers"],
  "hand-in": ["approvers", "requesters"],
  confirm: ["approvers", "owners"],
  "make-way": [],
  collected: [],
  void: [],
};

/**
 * The one authoriser for every way in (DESIGN section 8). Undefined: allowed. A refusal says why and who can. The command
 * line proves nobody: `asker.kind` "os" may hold and roll back, which make nothing worse, and is audited.
 */
export function refuseVerb(
  verb: Verb,
  asker: { readonly kind: "slack" | "os"; readonly id: string },
  requester: string | undefined,
  policy: PinnedPolicy,
  standing: Standing,
): Refusal | undefined {
  const isApprover = standing.approvers.some((line) => line.includes(asker.id));
  const isOncall = standing.oncall.includes(asker.id);
  if (asker.kind === "os") {
    return verb === "hold" || verb === "roll-back"
      ? undefined
      : refusal(
          "terminal_proves_nobody",
          "a terminal proves nobody's identity",
          policy.approvals.map(({ from }) => from),
        );
  }
  switch (verb) {
    case "request":
      return standing.requesters.includes(asker.id)
        ? undefined
        : refusal("may_not_request", "you are in none of the groups that may ask for this rotation", policy.requesters);
    case "vote":
      return voteRefusal(asker.id, requester, isApprover, policy);
    case "cancel":
      return asker.id === requester || isApprover
        ? undefined
        : refusal("may_not_cancel", "only the requester or an approver may cancel", approvers(policy));
    case "hold":
    case "roll-back":
      return isApprover || isOncall
        ? undefined
        : refusal("may_not_act", `only an approver or on-call may do that`, [
            ...approvers(policy),
            ...(policy.oncall === undefined ? [] : [policy.oncall]),
          ]);
    case "resume":
    case "extend-grace":
    case "look-again":
      return isApprover ? undefined : refusal("may_not_act", "only an approver may do that", approvers(policy));
    case "hand-in":
      return isApprover || standing.requesters.includes(asker.id)
        ? undefined
        : refusal("may_not_hand_in", "only who may ask for this rotation, or approve it, may hand the new value in", [
            ...policy.requesters,
            ...approvers(policy),
          ]);
    case "confirm":
      return isApprover || standing.owners.includes(asker.id)
        ? undefined
        : refusal("may_not_confirm", "only an approver or the owner may confirm that", approvers(policy));
    case "make-way":
    case "collected":
    case "void":
      return refusal("engine_only", "only Keyturn itself does that", []);
  }
}

function voteRefusal(
  voter: string,
  requester: string | undefined,
  isApprover: boolean,
  policy: PinnedPolicy,
): Refusal | undefined {
  if (voter === requester) {
    return refusal("own_request", "you asked for this rotation; somebody else has to decide", approvers(policy));
  }
  return isApprover
    ? undefined
    : refusal("may_not_approve", "you are in none of the groups that may approve this rotation", approvers(policy));
}

function approvers(policy: PinnedPolicy): readonly PinnedGroup[] {
  return policy.approvals.map(({ from }) => from);
}

function refusal(code: string, sentence: string, who: readonly PinnedGroup[]): Refusal {
  return { code, sentence, who: [...new Set(who.map(({ label }) => label))] };
}
