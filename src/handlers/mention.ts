import { z } from "zod";
import { answering } from "./answering.ts";
import { carryOut } from "./carry-out.ts";
import type { Register } from "./deps.ts";
import { isPostable } from "./origin.ts";
import { parseWords } from "./parse.ts";
import { whisper } from "./whisper.ts";

const Mention = z.object({
  team_id: z.string(),
  event_id: z.string(),
  event: z.object({
    user: z.string(),
    user_team: z.string().optional(),
    text: z.string(),
    ts: z.string(),
    thread_ts: z.string().optional(),
    channel: z.string(),
    bot_id: z.string().optional(),
    subtype: z.string().optional(),
  }),
});

/** "@keyturn ..." does what the command does, in the thread where it was said: Slack allows no commands there. */
export const registerMention: Register = (app, deps) => {
  app.event("app_mention", async ({ body, client }) => {
    const parsed = Mention.safeParse(body);
    if (!parsed.success || parsed.data.event.bot_id !== undefined || parsed.data.event.subtype !== undefined) {
      return;
    }
    const { event, team_id, event_id } = parsed.data;
    const key = `event:${event_id}`;
    await answering(
      deps,
      key,
      { user: event.user, team: team_id, userTeam: event.user_team },
      (rendered) => whisper(client, { channel: event.channel, user: event.user, threadTs: event.thread_ts }, rendered),
      (asker) =>
        carryOut(deps, parseWords(event.text), {
          asker,
          channel: event.channel,
          threadTs: event.thread_ts ?? event.ts,
          postable: () => isPostable(client, event.channel),
          onceKey: key,
        }),
    );
  });
};
