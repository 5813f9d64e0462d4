import type { WebClient } from "@slack/web-api";
import { z } from "zod";
import type { Directory, Log } from "../core/engine-ports.ts";
import type { PinnedGroup } from "../core/plan.ts";
import { failureOf, slackTryLater } from "./slack-errors.ts";

/** `shown` is for display only: it may be a minute old, though no older than the last decision here, and never decides. */
export type SlackDirectory = Required<Directory> & {
  readonly shown: (group: PinnedGroup) => Promise<readonly string[]>;
  /** Drops what is kept of this group, or of every group with this person. False: nothing of it was kept. */
  readonly forget: (who: { readonly group: string } | { readonly user: string }) => boolean;
};

const shownForMs = 60_000;
const atOnce = 5;

const Channel = z.object({
  channel: z.object({
    is_shared: z.boolean().optional(),
    is_ext_shared: z.boolean().optional(),
    is_pending_ext_shared: z.boolean().optional(),
  }),
});
const Members = z.object({ users: z.array(z.string()) });
const Info = z.object({
  user: z.object({
    id: z.string(),
    team_id: z.string(),
    deleted: z.boolean().optional(),
    is_bot: z.boolean().optional(),
    is_workflow_bot: z.boolean().optional(),
    is_restricted: z.boolean().optional(),
    is_ultra_restricted: z.boolean().optional(),
    is_stranger: z.boolean().optional(),
    is_invited_user: z.boolean().optional(),
    is_email_confirmed: z.boolean().optional(),
  }),
});

/**
 * Who is in a group now, asked of Slack at each call: full members of the pinned workspace only. Nothing is kept for
 * decisions. Whatever Slack does not answer throws TryLater, so that nobody may anything meanwhile. A group that was
 * disabled or removed has no members.
 */
export function openDirectory(
  client: WebClient,
  options: { readonly team: string; readonly log: Log; readonly monotonicMs: () => number },
): SlackDirectory {
  type Seen = { readonly at: number; readonly users: readonly string[]; readonly everybody: readonly string[] };
  const seen = new Map<string, Seen & { readonly groupId: string | undefined }>();
  async function members(group: PinnedGroup): Promise<readonly string[]> {
    const ids = [
      ...new Set(group.users ?? (group.groupId === undefined ? [] : await usersOf(client, group.groupId, options.log))),
    ];
    const full = await inTurns(ids, atOnce, (id) => isFullMember(client, id, options.team));
    const users = ids.filter((_id, index) => full[index] === true);
    seen.set(keyOf(group), { at: options.monotonicMs(), users, everybody: ids, groupId: group.groupId });
    return users;
  }
  return {
    members,
    shown: async (group) => {
      const known = seen.get(keyOf(group));
      return known !== undefined && options.monotonicMs() - known.at < shownForMs ? known.users : members(group);
    },
    isShared: (channel) => isShared(client, channel),
    forget: (who) => {
      const gone = [...seen].filter(([, { groupId, everybody }]) =>
        "group" in who ? groupId === who.group : everybody.includes(who.user),
      );
      gone.forEach(([key]) => seen.delete(key));
      return gone.length > 0;
    },
  };
}

async function isShared(client: WebClient, id: string): Promise<boolean> {
  try {
    const { channel } = Channel.parse(await client.conversations.info({ channel: id }));
    return channel.is_ext_shared === true || channel.is_pending_ext_shared === true || channel.is_shared === true;
  } catch (error) {
    throw slackTryLater(failureOf(error), error);
  }
}

function keyOf({ groupId, users }: PinnedGroup): string {
  return `${groupId ?? ""} ${(users ?? []).join(",")}`;
}

async function usersOf(client: WebClient, usergroup: string, log: Log): Promise<readonly string[]> {
  try {
    return Members.parse(await client.usergroups.users.list({ usergroup })).users;
  } catch (error) {
    const failure = failureOf(error);
    if (failure.kind === "refused" && (failure.code === "no_such_subteam" || failure.code === "subteam_disabled")) {
      log.warn({ usergroup, code: failure.code }, "a group that a policy names is gone");
      return [];
    }
    throw slackTryLater(failure, error);
  }
}

/** Whether this is a person who fully belongs to the workspace: no bot, no guest, nobody from outside, nobody who left. */
export async function isFullMember(client: WebClient, id: string, team: string): Promise<boolean> {
  try {
    const { user } = Info.parse(await client.users.info({ user: id }));
    const outside =
      user.team_id !== team ||
      user.is_stranger === true ||
      user.is_restricted === true ||
      user.is_ultra_restricted === true;
    const unreal =
      user.deleted === true || user.is_bot === true || user.is_workflow_bot === true || user.id === "USLACKBOT";
    return user.id === id && !outside && !unreal && user.is_invited_user !== true && user.is_email_confirmed !== false;
  } catch (error) {
    const failure = failureOf(error);
    if (failure.kind === "refused" && (failure.code === "user_not_found" || failure.code === "user_not_visible")) {
      return false;
    }
    throw slackTryLater(failure, error);
  }
}

/** Runs `look` for every item, a few at a time, and keeps their order. */
async function inTurns<T, R>(items: readonly T[], width: number, look: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let from = 0; from < items.length; from += width) {
    results.push(...(await Promise.all(items.slice(from, from + width).map(look))));
  }
  return results;
}
