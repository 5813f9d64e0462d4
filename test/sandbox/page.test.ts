import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BoltApp, startPair } from "./app.ts";

const chromiumPath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) =>
  existsSync(path),
);
const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-quic",
];
const text = (words: string) => ({ type: "plain_text" as const, text: words });
const markup = "<img src=x onerror=alert(1)>";

/** A small app that asks for approval, shows progress, and opens a modal. */
function register(app: BoltApp): void {
  app.command("/rotate", async ({ ack, command, client, respond }) => {
    await ack();
    if (command.text === "") {
      await client.views.open({
        trigger_id: command.trigger_id,
        view: {
          type: "modal",
          callback_id: "request",
          title: text("Rotate a secret"),
          submit: text("Request"),
          blocks: [
            {
              type: "input",
              block_id: "why",
              label: text("Reason"),
              element: { type: "plain_text_input", action_id: "why" },
            },
          ],
        },
      });
      return;
    }
    await respond({ text: `understood *${command.text}*` });
    await client.chat.postMessage({
      channel: "C0SECOPS",
      text: "Approve?",
      blocks: [
        { type: "header", text: text("Approve rotation: redis prod") },
        {
          type: "section",
          text: {
            type: "mrkdwn",
            text: `${command.text} asked by <@${command.user_id}> because *${command.text}* ${command.text}`,
          },
        },
        {
          type: "plan",
          title: "Plan",
          tasks: [
            { type: "task_card", task_id: "issue", title: "Issue", status: "complete" },
            { type: "task_card", task_id: "verify", title: "Verify", status: "in_progress" },
          ],
        },
        {
          type: "actions",
          block_id: "vote",
          elements: [
            {
              type: "button",
              action_id: "approve",
              style: "primary",
              text: text("Approve"),
              value: "3f9a1c",
              confirm: { title: text("Approve?"), text: text("Sure?"), confirm: text("Yes"), deny: text("No") },
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
    const by = `approved by <@${body.user.id}>`;
    await client.chat.update({ channel: "C0SECOPS", ts, text: by, blocks: [] });
    await client.chat.postMessage({ channel: "C0SECOPS", thread_ts: ts, text: by });
  });
  app.view("request", async ({ ack, view }) => {
    const reason = view.state.values["why"]?.["why"]?.value ?? "";
    await ack(reason.length < 5 ? { response_action: "errors", errors: { why: "say more" } } : undefined);
  });
}

describe.skipIf(chromiumPath === undefined)("the page in a browser", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: chromiumPath ?? "", args: flags });
  });
  afterAll(() => browser.close());

  async function open(url: string): Promise<{ page: Page; complaints: string[] }> {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    page.on("dialog", (dialog) => {
      complaints.push("a script from a message ran");
      void dialog.dismiss();
    });
    await page.goto(url);
    await page.waitForSelector("[data-composer=channel]");
    return { page, complaints };
  }

  async function write(page: Page, words: string): Promise<void> {
    await page.fill("[data-composer=channel]", words);
    await page.press("[data-composer=channel]", "Enter");
  }

  it("takes a rotation from the command over a second person's approval to the thread", async () => {
    await using pair = await startPair(register);
    const { page, complaints } = await open(pair.workspace.pageUrl);
    await write(page, `/rotate redis prod ${markup}`);
    const whisper = page.locator("#messages [data-ephemeral]");
    await whisper.waitFor();
    expect(await whisper.innerText()).toContain("Only visible to you");
    expect(await whisper.innerText()).toContain(markup);

    await page.click("#act-as");
    await page.click("[data-menu-item=U0ADA]");
    await page.click("#sidebar [data-channel=C0SECOPS]");
    const card = page.locator("article", { has: page.locator("[data-action-id=approve]") });
    await card.waitFor();
    expect(await card.innerText()).toContain("@Olivia Marsh");
    expect(await card.locator("[data-status=in_progress]").count()).toBe(1);
    expect(await page.locator("[data-ephemeral]").count()).toBe(0);
    expect(await card.locator("img").count()).toBe(0);

    await page.click("[data-action-id=approve]");
    await page.click("[data-confirm-deny]");
    expect(pair.workspace.inspect.sent()).toHaveLength(1);
    await page.click("[data-action-id=approve][data-value='3f9a1c'][data-block-id=vote]");
    await page.click("[data-confirm-ok]");
    await page.click("[data-open-thread]");
    await page.locator("#thread article").nth(1).waitFor();
    expect(await page.locator("#thread article").nth(1).innerText()).toContain("approved by @Ada Bergström");
    expect(await page.locator("[data-action-id=approve]").count()).toBe(0);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("shows a modal's errors, then closes it", async () => {
    await using pair = await startPair(register);
    const { page, complaints } = await open(pair.workspace.pageUrl);
    await write(page, "/rotate");
    await page.waitForSelector("dialog[data-callback-id=request]");
    await page.click("[data-submit]");
    await page.getByText("Please complete this required field.").waitFor();
    await page.fill("dialog [data-action-id=why]", "leak");
    await page.click("[data-submit]");
    await page.getByText("say more").waitFor();
    expect(await page.inputValue("dialog [data-action-id=why]")).toBe("leak");
    await page.fill("dialog [data-action-id=why]", "leaked in a ticket");
    await page.click("[data-submit]");
    await page.waitForSelector("dialog", { state: "detached" });
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("lets a person add the app to a channel", async () => {
    await using pair = await startPair();
    const { page, complaints } = await open(pair.workspace.pageUrl);
    await page.click("#sidebar [data-channel=C0RANDOM]");
    await page.click("[data-invite=C0RANDOM]");
    await page.waitForSelector("[data-invite]", { state: "detached" });
    expect((await pair.app.client.chat.postMessage({ channel: "C0RANDOM", text: "thanks" })).ok).toBe(true);
    await page.getByText("thanks").waitFor();
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("says when the app does not answer", async () => {
    await using pair = await startPair((app) => app.command("/rotate", async () => undefined), {
      timing: { ackMs: 100 },
    });
    const { page } = await open(pair.workspace.pageUrl);
    await write(page, "/rotate redis prod");
    await page.getByText("/rotate: operation timed out").waitFor();
    await page.close();
  });
});
