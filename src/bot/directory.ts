import type { WebClient } from "@slack/web-api";
import { z } from "zod";
import type { Directory, Log } from "../core/engine-ports.ts";
import type { PinnedGroup } from "../core/plan.ts";
import { keptAnswers } from "./kept-answers.ts";
import { failureOf, slackTryLater } from "./slack-errors.ts";

/** `shown`: those of `people` who are in the group, for display only: no part of it older than a minute, never to decide. */
export type SlackDirectory = Required<Directory> & {
  readonly shown: (group: PinnedGroup, people: readonly string[]) => Promise<readonly string[]>;
  /** Drops what is kept of this group, or of this person and every group with them. False: nothing of it was kept. */
  readonly forget: (who: { readonly group: string } | { readonly user: string }) => boolean;
};

/** The most that reference/slack-threats.md, T6, allows; events of the workspace drop it sooner. */
const keptForMs = 60_000;
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
 * Who is in a group: full members of the pinned workspace only. Slack allows 20 questions a minute for lists of groups and
 * 100 for people, over all processes of the app. So a list may be a minute old, and `people` are looked up afresh for each
 * decision, those alone. Whatever Slack does not answer throws TryLater, so that nobody may anything meanwhile. A group that
 * was disabled or removed has no members.
 */
export function openDirectory(
  client: WebClient,
  options: { readonly team: string; readonly log: Log; readonly monotonicMs: () => number },
): SlackDirectory {
  const lists = keptAnswers<readonly string[]>(keptForMs, options.monotonicMs);
  const people = keptAnswers<boolean>(keptForMs, options.monotonicMs);
  const isFull = (id: string, fresh: boolean) => people.get(id, () => isFullMember(client, id, options.team), fresh);
  async function listOf({ groupId, users }: PinnedGroup): Promise<readonly string[]> {
    const listed =
      users ?? (groupId === undefined ? [] : await lists.get(groupId, () => usersOf(client, groupId, options.log)));
    return [...new Set(listed)];
  }
  async function fullOf(ids: readonly string[], fresh: boolean): Promise<readonly string[]> {
    const full = await inTurns(ids, atOnce, (id) => isFull(id, fresh));
    return ids.filter((_id, index) => full[index] === true);
  }
  async function among(group: PinnedGroup, wanted: readonly string[], fresh: boolean): Promise<readonly string[]> {
    return wanted.length === 0
      ? []
      : fullOf(
          (await listOf(group)).filter((id) => wanted.includes(id)),
          fresh,
        );
  }
  return {
    members: async (group, wanted) =>
      "people" in wanted
        ? among(group, wanted.people, true)
        : withoutStrangers(await listOf(group), wanted.atLeast, (ids) => fullOf(ids, false)),
    shown: (group, wanted) => among(group, wanted, false),
    isShared: (channel) => isShared(client, channel),
    forget: (who) => {
      if ("group" in who) {
        return lists.drop(who.group);
      }
      const dropped = lists.keysOf((users) => users.includes(who.user)).map((key) => lists.drop(key));
      return people.drop(who.user) || dropped.length > 0;
    },
  };
}

/** The list without who was seen to be no full member, looked at from its front until `atLeast` are known to be. */
async function withoutStrangers(
  ids: readonly string[],
  atLeast: number,
  fullOf: (ids: readonly string[]) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const sure: string[] = [];
  let seen = 0;
  while (sure.length < atLeast && seen < ids.length) {
    const next = ids.slice(seen, seen + Math.min(atOnce, atLeast - sure.length));
    sure.push(...(await fullOf(next)));
    seen += next.length;
  }
  return [...sure, ...ids.slice(seen)];
}

async function isShared(client: WebClient, id: string): Promise<boolean> {
  try {
    const { channel } = Channel.parse(await client.conversations.info({ channel: id }));
    return channel.is_ext_shared === true || channel.is_pending_ext_shared === true || channel.is_shared === true;
  } catch (error) {
    throw slackTryLater(failureOf(error), error);
  }
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
