/**
 * @module The least that an app can do: acknowledges `/rotate` and posts a message with a button, acknowledges the button and
 * updates the message. Settings come as one JSON argument.
 */
import { App } from "@slack/bolt";
import { z } from "zod";

const Settings = z.object({ apiUrl: z.string(), botToken: z.string(), appToken: z.string() });
const { apiUrl, botToken, appToken } = Settings.parse(JSON.parse(process.argv[2] ?? ""));
const app = new App({ socketMode: true, token: botToken, appToken, clientOptions: { slackApiUrl: apiUrl } });

app.command("/rotate", async ({ ack, command, client }) => {
  await ack({ response_type: "ephemeral", text: "Looking first; this only reads." });
  if (command.text !== "post") return;
  const button = {
    type: "button" as const,
    action_id: "approve",
    value: "{}",
    text: { type: "plain_text" as const, text: "Approve" },
  };
  const blocks = [{ type: "actions" as const, elements: [button] }];
  await client.chat.postMessage({ channel: command.channel_id, text: "a card", blocks });
});
app.action("approve", async ({ ack, body, client }) => {
  await ack();
  if (!("message" in body) || body.message === undefined || body.channel === undefined) return;
  await client.chat.update({ channel: body.channel.id, ts: body.message.ts, text: "approved", blocks: [] });
});
await app.start();
