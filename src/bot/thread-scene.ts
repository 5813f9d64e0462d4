import { type ApprovalResult, evaluateApproval } from "../core/approval.ts";
import { TryLater } from "../core/errors.ts";
import type { StoredEvent } from "../core/events.ts";
import type { PinnedGroup } from "../core/plan.ts";
import type { Rotation } from "../core/rotation.ts";
import type { State, Vote } from "../core/state.ts";
import type { Rendered } from "../views/blocks.ts";
import type { Mention } from "../views/parts.ts";
import type { CursorHold } from "./thread-cursor.ts";
import type { PostDeps } from "./thread-post.ts";

export type ThreadDeps = PostDeps & {
  readonly state: Pick<State, "load" | "cursor" | "notices" | "votes" | "auditHead" | "now">;
  /** Which of these people are in a group, for display. */
  readonly members: (group: PinnedGroup, people: readonly string[]) => Promise<readonly string[]>;
  /** Whom a label of the catalog ("@platform") means. */
  readonly mention: (label: string) => Mention | undefined;
};

/** One rotation while its thread is brought up to date. `rotation` is as the thread shows it: its origin is where the thread is. */
export type Scene = {
  readonly deps: ThreadDeps;
  readonly id: string;
  readonly hold: CursorHold;
  readonly events: readonly StoredEvent[];
  readonly rotation: Rotation;
  readonly votes: readonly Vote[];
};

/** Codes of Slack that speak of the place and not of the message: another channel may do. */
export const noSuchPlace = new Set([
  "channel_not_found",
  "not_in_channel",
  "is_archived",
  "thread_not_found",
  "restricted_action",
  "restricted_action_read_only_channel",
  "restricted_action_thread_only_channel",
  "cannot_reply_to_message",
  "message_not_found",
]);

/** How the votes on a digest stand, as far as can be shown: while Slack does not say who is in a group, as it was at the request. */
export async function standing(
  { deps, rotation }: Pick<Scene, "deps" | "rotation">,
  votes: readonly Vote[],
  digest: string,
): Promise<ApprovalResult> {
  const voters = votes.map(({ actor }) => actor.id);
  const now: (readonly string[])[] = [];
  for (const [index, { from }] of rotation.plan.policy.approvals.entries()) {
    now.push(await shownMembers(deps, from, voters, rotation.eligible[index] ?? []));
  }
  return evaluateApproval(rotation.plan, digest, rotation.by.id, votes, { now, atRequest: rotation.eligible });
}

/** The last rendering that is tried: words alone. */
export function wordsOnly({ text }: Rendered): Rendered {
  return { text, blocks: [] };
}

async function shownMembers(
  deps: ThreadDeps,
  group: PinnedGroup,
  people: readonly string[],
  fallback: readonly string[],
): Promise<readonly string[]> {
  try {
    return await deps.members(group, people);
  } catch (error) {
    if (error instanceof TryLater) {
      return fallback;
    }
    throw error;
  }
}
