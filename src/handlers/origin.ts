import { z } from "zod";
import type { SlackClient } from "./deps.ts";

const Channel = z.object({
  channel: z.object({
    is_member: z.boolean().optional(),
    is_im: z.boolean().optional(),
    is_mpim: z.boolean().optional(),
    is_archived: z.boolean().optional(),
    is_shared: z.boolean().optional(),
    is_ext_shared: z.boolean().optional(),
    is_org_shared: z.boolean().optional(),
    is_pending_ext_shared: z.boolean().optional(),
  }),
});

/**
 * Whether a thread may hang in this channel: the app is a member, and nobody from outside is or will be. A channel that
 * Slack does not show us is none.
 */
export async function isPostable(client: SlackClient, channel: string): Promise<boolean> {
  if (!/^[CG]/.test(channel)) {
    return false;
  }
  try {
    const { channel: seen } = Channel.parse(await client.conversations.info({ channel }));
    const outside =
      seen.is_ext_shared === true ||
      seen.is_pending_ext_shared === true ||
      seen.is_org_shared === true ||
      seen.is_shared === true;
    return (
      seen.is_member === true && seen.is_im !== true && seen.is_mpim !== true && seen.is_archived !== true && !outside
    );
  } catch {
    return false;
  }
}
