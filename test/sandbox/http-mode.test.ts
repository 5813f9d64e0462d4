import { createServer } from "node:net";
import { App, HTTPReceiver } from "@slack/bolt";
import { describe, expect, it } from "vitest";
import { demoSeed } from "../../sandbox/workspace/demo-seed.ts";
import { signature } from "../../sandbox/workspace/http-delivery.ts";
import { startWorkspace } from "../../sandbox/workspace/server.ts";

const support = "C0SUPPORT";

describe("HTTP mode", () => {
  it("posts signed requests that Bolt's receiver accepts, and refuses them with another secret", async () => {
    const port = await freePort();
    const workspace = await startWorkspace({ seed: demoSeed(), deliverTo: `http://127.0.0.1:${port}/slack/events` });
    const receiver = new HTTPReceiver({ signingSecret: workspace.signingSecret });
    const app = new App({ token: workspace.botToken, receiver, clientOptions: { slackApiUrl: workspace.apiUrl } });
    const heard: string[] = [];
    app.command("/rotate", async ({ ack, command }) => {
      heard.push(command.text);
      await ack("understood");
    });
    app.event("app_mention", async ({ event }) => {
      heard.push(event.text);
    });
    app.shortcut("rotate_message", async ({ ack, shortcut }) => {
      heard.push(shortcut.type);
      await ack();
    });
    await app.start({ port, host: "127.0.0.1" });
    const { act, inspect } = workspace;
    const typed = await act.slash({ userId: "U0OLIVIA", channelId: support, command: "/rotate", text: "redis prod" });
    expect(typed).toMatchObject({ acked: true, text: "understood" });
    expect((await act.mention({ userId: "U0OLIVIA", channelId: support, text: "hi" })).acked).toBe(true);
    const [message] = inspect.messages(support);
    const at = { userId: "U0OLIVIA", channelId: support, ts: message?.ts ?? "" };
    expect((await act.messageShortcut({ ...at, callbackId: "rotate_message" })).acked).toBe(true);
    expect(heard).toEqual(["redis prod", "<@U0KEYTURN> hi", "message_action"]);

    const timestamp = String(Math.floor(Date.now() / 1000));
    const body = "command=%2Frotate&text=forged";
    const send = async (secret: string) => {
      const headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": timestamp,
        "x-slack-signature": signature(secret, timestamp, body),
      };
      return (await fetch(`http://127.0.0.1:${port}/slack/events`, { method: "POST", headers, body })).status;
    };
    expect(await send("another secret")).toBe(401);
    await app.stop();
    await workspace.close();
  });

  it("tells the user when the endpoint is not there", async () => {
    const port = await freePort();
    const workspace = await startWorkspace({
      seed: demoSeed(),
      deliverTo: () => `http://127.0.0.1:${port}/slack/events`,
    });
    const typed = await workspace.act.slash({ userId: "U0OLIVIA", channelId: support, command: "/rotate", text: "" });
    expect(typed).toMatchObject({ acked: false, notice: "the app is not connected (dispatch failed)" });
    await workspace.close();
  });
});

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
