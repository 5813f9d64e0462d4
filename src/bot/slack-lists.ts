import type { WebClient } from "@slack/web-api";
import { z } from "zod";
import { failureOf, slackTryLater } from "./slack-errors.ts";

const Paging = z.object({ next_cursor: z.string().optional() }).optional();
const Groups = z.object({ usergroups: z.array(z.object({ id: z.string(), handle: z.string() })) });
const People = z.object({
  members: z.array(
    z.object({ id: z.string(), name: z.string(), deleted: z.boolean().optional(), is_bot: z.boolean().optional() }),
  ),
  response_metadata: Paging,
});
const Channel = z.object({
  id: z.string(),
  name: z.string().optional(),
  is_member: z.boolean().optional(),
  is_archived: z.boolean().optional(),
  is_shared: z.boolean().optional(),
  is_ext_shared: z.boolean().optional(),
  is_pending_ext_shared: z.boolean().optional(),
});
const Channels = z.object({ channels: z.array(Channel), response_metadata: Paging });
export type SlackChannel = z.infer<typeof Channel>;

const pageSize = 200;

/** User groups that are not disabled. Throws TryLater when Slack does not answer. */
export async function listGroups(client: WebClient): Promise<z.infer<typeof Groups>["usergroups"]> {
  return asked(async () => Groups.parse(await client.usergroups.list({ include_disabled: false })).usergroups);
}

/** People of the workspace, everybody who ever was one included. Throws TryLater when Slack does not answer. */
export async function listPeople(client: WebClient): Promise<z.infer<typeof People>["members"]> {
  return asked(() =>
    pages(async (cursor) => {
      const page = People.parse(await client.users.list({ limit: pageSize, ...cursor }));
      return { items: page.members, next: page.response_metadata?.next_cursor };
    }),
  );
}

/** Channels that the app can see. Throws TryLater when Slack does not answer. */
export async function listChannels(client: WebClient): Promise<readonly SlackChannel[]> {
  return asked(() =>
    pages(async (cursor) => {
      const page = Channels.parse(
        await client.conversations.list({
          types: "public_channel,private_channel",
          exclude_archived: true,
          limit: pageSize,
          ...cursor,
        }),
      );
      return { items: page.channels, next: page.response_metadata?.next_cursor };
    }),
  );
}

async function pages<T>(
  ask: (cursor: { cursor?: string }) => Promise<{ readonly items: readonly T[]; readonly next: string | undefined }>,
): Promise<T[]> {
  const all: T[] = [];
  let next: string | undefined;
  do {
    const page = await ask(next === undefined ? {} : { cursor: next });
    all.push(...page.items);
    next = page.next;
  } while (next !== undefined && next !== "");
  return all;
}

async function asked<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw slackTryLater(failureOf(error), error);
  }
}
