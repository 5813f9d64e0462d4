import { z } from "zod";
import { refusalAnswer } from "../views/refusal.ts";
import { reasonAction } from "../views/reject-modal.ts";
import { requestBlocks, requestCallback, requestModal, targetAction } from "../views/request-modal.ts";
import { answering } from "./answering.ts";
import { rotate } from "./carry-out.ts";
import type { Register } from "./deps.ts";
import { isPostable } from "./origin.ts";
import { unescaped } from "./parse.ts";
import { submitted } from "./pressed.ts";
import { looksSecret } from "./secret-like.ts";
import { chooseTarget } from "./target-words.ts";
import { whisper } from "./whisper.ts";

const Shortcut = z.object({
  user: z.object({ id: z.string(), team_id: z.string().optional() }),
  team: z.object({ id: z.string() }).nullish(),
  trigger_id: z.string(),
  channel: z.object({ id: z.string() }),
  message_ts: z.string(),
  message: z.object({ thread_ts: z.string().optional() }),
});

/** "Rotate secret from this" in a message's menu: a form, then a request whose thread is that message's. */
export const registerRotateShortcut: Register = (app, deps) => {
  app.shortcut("rotate_message", async ({ ack, body, client }) => {
    await ack();
    const { user, team, trigger_id, channel, message_ts, message } = Shortcut.parse(body);
    const threadTs = message.thread_ts ?? message_ts;
    await answering(
      deps,
      `shortcut:${trigger_id}`,
      { user: user.id, team: team?.id, userTeam: user.team_id },
      (rendered) => whisper(client, { channel: channel.id, user: user.id, threadTs }, rendered),
      async () => {
        await client.views.open({
          trigger_id,
          view: requestModal(await deps.desk.targets(), { channel: channel.id, threadTs }),
        });
        return undefined;
      },
    );
  });

  app.view(requestCallback, async ({ ack, body, client }) => {
    const { metadata, from, key, read } = submitted(body);
    const because = unescaped(read(requestBlocks.because, reasonAction));
    const typed = unescaped(read(requestBlocks.target, targetAction));
    const secretIn = [requestBlocks.because, requestBlocks.target].find((block) =>
      looksSecret(block === requestBlocks.because ? because : typed),
    );
    if (secretIn !== undefined) {
      await ack({
        response_action: "errors",
        errors: { [secretIn]: "This looks as if it held a secret; say it without." },
      });
      return;
    }
    await ack();
    const leaked = read(requestBlocks.leaked, targetAction) === "leaked";
    const { channel, threadTs } = metadata;
    await answering(
      deps,
      key,
      from,
      (rendered) => whisper(client, { channel, user: from.user, threadTs }, rendered),
      async (asker) => {
        const chosen = chooseTarget(await deps.desk.targets(), typed.split(/\s+/));
        return "refusal" in chosen
          ? refusalAnswer(chosen.refusal)
          : rotate(
              deps,
              { ...chosen.target, leaked, because },
              { asker, channel, threadTs, postable: () => isPostable(client, channel), onceKey: key },
            );
      },
    );
  });
};
