import { describe, expect, it } from "vitest";
import { startPair } from "./app.ts";

const support = "C0SUPPORT";
const secops = "C0SECOPS";

describe("a Bolt app that was told only the API address", () => {
  it("gets a slash command, answers only its user, and posts a card that another person presses", async () => {
    await using pair = await startPair((app) => {
      app.command("/rotate", async ({ ack, command, client, respond }) => {
        await ack();
        await respond({ text: `understood: ${command.text}` });
        await client.chat.postMessage({
          channel: secops,
          text: "Approve?",
          blocks: [
            {
              type: "actions",
              block_id: "vote",
              elements: [
                {
                  type: "button",
                  action_id: "approve",
                  text: { type: "plain_text", text: "Approve" },
                  value: "r1:3f9a1c",
                },
              ],
            },
          ],
        });
      });
      app.action("approve", async ({ ack, body, client }) => {
        await ack();
        if (body.type !== "block_actions" || body.message === undefined) return;
        const { ts } = body.message;
        await client.chat.update({ channel: secops, ts, text: `Approved by <@${body.user.id}>`, blocks: [] });
      });
    });
    const { act, inspect } = pair.workspace;

    const typed = await act.slash({
      userId: "U0OLIVIA",
      channelId: support,
      command: "/rotate",
      text: "redis prod for @ada <b>",
    });
    expect(typed.acked).toBe(true);
    const [answer] = await inspect.waitFor(() => {
      const seen = inspect.ephemerals("U0OLIVIA");
      return seen.length > 0 && seen;
    });
    expect(answer?.text).toBe("understood: redis prod for <@U0ADA|ada> &lt;b&gt;");
    expect(inspect.ephemerals("U0ADA")).toEqual([]);

    const card = await inspect.waitFor(() => inspect.messages(secops).find((message) => message.blocks.length > 0));
    const pressed = await act.press({ userId: "U0ADA", channelId: secops, ts: card.ts, actionId: "approve" });
    expect(pressed.acked).toBe(true);
    await inspect.waitFor(() => card.text === "Approved by <@U0ADA>");
    await expect(act.press({ userId: "U0LIN", channelId: secops, ts: card.ts, actionId: "approve" })).rejects.toThrow(
      "no element approve there",
    );
  });

  it("opens a modal from a command, refuses the submission inline, then accepts it", async () => {
    await using pair = await startPair((app) => {
      app.command("/rotate", async ({ ack, client, command }) => {
        await ack();
        await client.views.open({
          trigger_id: command.trigger_id,
          view: {
            type: "modal",
            callback_id: "request",
            title: { type: "plain_text", text: "Rotate" },
            submit: { type: "plain_text", text: "Request" },
            private_metadata: command.channel_id,
            blocks: [
              { type: "alert", level: "warning", text: { type: "mrkdwn", text: "*production*" } },
              {
                type: "input",
                block_id: "why",
                label: { type: "plain_text", text: "Reason" },
                element: { type: "plain_text_input", action_id: "text", min_length: 3 },
              },
            ],
          },
        });
      });
      app.view("request", async ({ ack, view, client }) => {
        const reason = view.state.values["why"]?.["text"]?.value ?? "";
        if (reason.includes("because")) {
          await ack({ response_action: "errors", errors: { why: "say it without because" } });
          return;
        }
        await ack();
        await client.chat.postMessage({ channel: view.private_metadata, text: `requested: ${reason}` });
      });
    });
    const { act, inspect } = pair.workspace;
    await act.slash({ userId: "U0LIN", channelId: support, command: "/rotate", text: "" });
    const view = await inspect.waitFor(() => act.openViewsOf("U0LIN").at(-1));
    const submit = (text: string) => act.submitView({ userId: "U0LIN", viewId: view.id, values: { why: text } });

    expect((await submit("")).errors).toEqual({ why: "Please complete this required field." });
    expect((await submit("ab")).errors).toEqual({ why: "Please enter at least 3 characters." });
    expect((await submit("because")).errors).toEqual({ why: "say it without because" });
    expect((await submit("leaked")).views).toEqual([]);
    await inspect.waitFor(() => inspect.messages(support).find((message) => message.text === "requested: leaked"));
  });

  it("hears a mention in a thread and a message shortcut, with the thread's address", async () => {
    const heard: string[] = [];
    await using pair = await startPair((app) => {
      app.event("app_mention", async ({ event, say }) => {
        heard.push(event.thread_ts ?? "no thread");
        await say({ text: "here", ...(event.thread_ts === undefined ? {} : { thread_ts: event.thread_ts }) });
      });
      app.shortcut("rotate_message", async ({ ack, shortcut }) => {
        await ack();
        if (shortcut.type === "message_action") heard.push(shortcut.message_ts);
      });
    });
    const { act, inspect } = pair.workspace;
    const parent = inspect.messages(support).find((message) => message.text.startsWith("Heads up"));
    const ts = parent?.ts ?? "";
    await act.say({ userId: "U0OLIVIA", channelId: support, threadTs: ts, text: "@keyturn status" });
    await inspect.waitFor(() => inspect.thread(support, ts).find((message) => message.text === "here"));
    await act.messageShortcut({ userId: "U0LIN", channelId: support, ts, callbackId: "rotate_message" });
    expect(heard).toEqual([ts, ts]);
  });
});
