import { handInMessage } from "../views/hand-in-message.ts";
import { answer, refusalAnswer } from "../views/refusal.ts";
import { answering } from "./answering.ts";
import type { Register, SlackClient } from "./deps.ts";
import { pressed } from "./pressed.ts";
import { privately } from "./privately.ts";

/** Hand in the new value: the presser, and nobody else, gets a one-time link in a direct message. Each press makes the earlier link void. */
export const registerHandIn: Register = (app, deps) => {
  app.action("hand_in", async ({ ack, body, client, respond }) => {
    await ack();
    const { value, from, key, threadTs } = pressed(body);
    await answering(deps, key, from, privately(respond, threadTs), async (asker) => {
      const given = await deps.desk.handIn({ rotationId: value.id, asker });
      if (given.kind === "refused") {
        return refusalAnswer(given.refusal);
      }
      await tellAlone(client, asker.id, handInMessage(given, given.link));
      return answer([[{ text: "a one-time link is in your direct messages from Keyturn; earlier links are void" }]]);
    });
  });
};

async function tellAlone(
  client: SlackClient,
  user: string,
  { text, blocks }: ReturnType<typeof handInMessage>,
): Promise<void> {
  const direct = await client.conversations.open({ users: user });
  await client.chat.postMessage({
    channel: direct.channel?.id ?? "",
    text,
    blocks,
    unfurl_links: false,
    unfurl_media: false,
  });
}
