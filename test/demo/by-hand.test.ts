import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openStage, type Stage } from "../../sandbox/demo/stage.ts";
import { needs } from "../servers/need.ts";

/** Where pictures go when somebody wants to look at them. */
const pictures = process.env["KEYTURN_PICTURES"];

needs("chromium")("the demo by hand, on its page in Chromium", () => {
  let stage: Stage;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    stage = await openStage("postgres", undefined);
    const args = [
      "--no-sandbox",
      "--disable-gpu",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--disable-quic",
    ];
    browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args });
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await stage.workspace.inspect.waitFor(() => stage.workspace.inspect.connections() > 0, 60_000, "the bot connects");
  });

  afterAll(async () => {
    await browser?.close();
    await stage?.close();
  });

  it("rotates after two people pressed Approve, and the thread ends with the proof", { timeout: 400_000 }, async () => {
    await page.goto(stage.workspace.pageUrl);
    await openChannel("C0SUPPORT");
    await say("/rotate postgres demo because it is time");
    await page
      .locator("#messages article", { hasText: "waiting for approval" })
      .or(page.locator("#messages article", { hasText: "Rotate postgres demo" }))
      .first()
      .waitFor({ timeout: 30_000 });
    await picture("1-request");

    await actAs("U0ADA");
    await openChannel("C0SECOPS");
    await approve();
    await picture("2-one-of-two");
    await actAs("U0LIN");
    await openChannel("C0SECOPS");
    await approve();

    await actAs("U0OLIVIA");
    await openChannel("C0SUPPORT");
    await page.locator("[data-action-id=hold]").first().waitFor({ timeout: 60_000 });
    const request = page.locator("#messages article", { has: page.locator("[data-action-id=hold]") });
    await request.locator("[data-open-thread]").first().click();
    await picture("3-running");
    const replies = page.locator("#thread article");
    const proof = page.locator("#thread article", {
      hasText: /proved: old credential refused.*accepted by the same probe before/,
    });
    await proof.last().waitFor({ timeout: 180_000 });
    await replies.filter({ hasText: "audit head" }).waitFor({ timeout: 30_000 });
    await picture("4-done");

    expect(await replies.last().innerText()).toContain("done");
    expect((await stage.parts[0]?.totals())?.refused).toBe(0);
  });

  async function openChannel(id: string): Promise<void> {
    await page.click(`#sidebar [data-channel=${id}]`);
  }

  async function say(text: string): Promise<void> {
    const box = page.locator("[data-composer=channel]");
    await box.fill(text);
    await box.press("Enter");
  }

  async function actAs(userId: string): Promise<void> {
    await page.click("#act-as");
    await page.click(`[data-menu-item=${userId}]`);
  }

  async function approve(): Promise<void> {
    await page.locator("[data-action-id=approve]").last().click();
    await page.click("[data-confirm-ok]");
  }

  async function picture(name: string): Promise<void> {
    if (pictures !== undefined && existsSync(pictures)) {
      await page.waitForTimeout(600);
      await page.screenshot({ path: `${pictures}/${name}.png` });
    }
  }
});
