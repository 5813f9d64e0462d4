import { approvable } from "../approval.ts";
import { canonicalJson } from "../canonical.ts";
import type { Refusal } from "../desk.ts";
import type { Directory } from "../engine-ports.ts";
import type { ApprovalLine, PinnedGroup, PinnedPolicy } from "../plan.ts";
import type { Standing } from "../rights.ts";
import { enoughToCount } from "./deps.ts";

type Asked = { readonly policy: PinnedPolicy; readonly standing: Standing; readonly requester: string };
type Turned = { readonly policy: PinnedPolicy; readonly standing: Standing } | { readonly refusal: Refusal };

/**
 * Puts the `else` group named `via` in the place of each line that nobody besides the requester could meet. Refused while
 * the lines can be met as they are, and for any group but the one that the short line names: it is no way around a policy.
 * Throws TryLater when Slack cannot say who is in the group.
 */
export async function askElse(directory: Directory, asked: Asked, via: string): Promise<Turned> {
  const { policy, standing, requester } = asked;
  const { line } = shortOf(asked);
  if (line === undefined) {
    const refusal = {
      code: "via_not_needed",
      sentence: `the policy's own groups can approve this, so it does not go via ${via}`,
      hint: "ask without it",
    };
    return { refusal };
  }
  if (line.else === undefined || !isNamed(line.else, via)) {
    return { refusal: cannotBeMet(line, line.else) };
  }
  const members = await directory.members(line.else, enoughToCount(policy));
  const turned = {
    requester,
    policy: { ...policy, approvals: policy.approvals.map((each) => (each === line ? elseOf(each) : each)) },
    standing: {
      ...standing,
      approvers: standing.approvers.map((each, index) => (policy.approvals[index] === line ? members : each)),
    },
  };
  return shortOf(turned).line === undefined ? turned : askElse(directory, turned, via);
}

/** The line that cannot be met, and its `else` group where that would help. Undefined: the lines can be met. */
export async function refuseUnapprovable(directory: Directory, asked: Asked): Promise<Refusal | undefined> {
  const { line } = shortOf(asked);
  if (line === undefined) {
    return undefined;
  }
  const helps = line.else !== undefined && "policy" in (await askElse(directory, asked, line.else.label));
  return cannotBeMet(line, helps ? line.else : undefined);
}

/** The policy with the `else` groups that a plan was made with, so that both can be compared. */
export function withElseOf(planned: PinnedPolicy, policy: PinnedPolicy): PinnedPolicy {
  const approvals = policy.approvals.map((line, index) => {
    const from = planned.approvals[index]?.from;
    const turned = from !== undefined && line.else !== undefined && canonicalJson(from) === canonicalJson(line.else);
    return turned ? elseOf(line) : line;
  });
  return { ...policy, approvals };
}

function elseOf({ else: other, ...line }: ApprovalLine): ApprovalLine {
  return other === undefined ? line : { ...line, from: other, insteadOf: line.from };
}

function shortOf({ policy, standing, requester }: Asked): { readonly line: ApprovalLine | undefined } {
  const result = approvable(policy.approvals, requester, standing.approvers);
  return { line: result.ok ? undefined : result.line };
}

function cannotBeMet({ from, min }: ApprovalLine, other: PinnedGroup | undefined): Refusal {
  return {
    code: "not_approvable",
    sentence: `nobody besides you could approve for ${from.label} (${String(min)} needed)`,
    hint:
      other === undefined
        ? "ask somebody else to make the request, or add people to the group"
        : `the same words with \`via ${other.label}\` ask ${other.label} instead`,
  };
}

/** Slack may hand over the group's id where the person typed its handle. */
function isNamed({ label, groupId }: PinnedGroup, typed: string): boolean {
  const name = plain(typed);
  return name === plain(label) || (groupId !== undefined && name === plain(groupId));
}

function plain(name: string): string {
  return name.replace(/^@/, "").toLowerCase();
}
