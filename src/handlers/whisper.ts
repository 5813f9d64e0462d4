import type { Rendered } from "../views/blocks.ts";
import type { SlackClient } from "./deps.ts";

export type Place = { readonly channel: string; readonly user: string; readonly threadTs?: string | undefined };

/** Tells one person something where they are; in a direct message when the app cannot speak there. Throws when neither works. */
export async function whisper(
  client: SlackClient,
  { channel, user, threadTs }: Place,
  { text, blocks }: Rendered,
): Promise<void> {
  try {
    await client.chat.postEphemeral({
      channel,
      user,
      text,
      blocks,
      ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
    });
  } catch {
    const direct = await client.conversations.open({ users: user });
    if (direct.channel?.id !== undefined) {
      await client.chat.postMessage({
        channel: direct.channel.id,
        text,
        blocks,
        unfurl_links: false,
        unfurl_media: false,
      });
    }
  }
}
