import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { signature } from "../../sandbox/workspace/http-delivery.ts";
import { freePort } from "../servers/port.ts";
import { support, type } from "./people.ts";
import { openStage, type Stage } from "./stage.ts";

describe("HTTP mode", () => {
  let stage: Stage;
  let url: string;

  beforeAll(async () => {
    const port = await freePort();
    const signingSecret = "a-signing-secret-of-this-test";
    url = `http://127.0.0.1:${String(port)}/slack/events`;
    stage = await openStage({
      env: { KEYTURN_HTTP_PORT: String(port), SLACK_SIGNING_SECRET: signingSecret, SLACK_APP_TOKEN: undefined },
      workspace: { deliverTo: url, signingSecret },
    });
  });
  afterAll(async () => {
    await stage?.[Symbol.asyncDispose]();
  });

  const body = new URLSearchParams({
    command: "/rotate",
    text: "help",
    team_id: "T0SANDBOX",
    user_id: "U0OLIVIA",
    channel_id: support,
    trigger_id: "1.2.3",
    response_url: "http://127.0.0.1:9/hook",
  }).toString();
  const send = async (ageSeconds: number, changed: Readonly<Record<string, string>> = {}, sent = body) => {
    const timestamp = String(Math.floor(Date.now() / 1_000) - ageSeconds);
    const headers = {
      "content-type": "application/x-www-form-urlencoded",
      "x-slack-request-timestamp": timestamp,
      "x-slack-signature": signature(stage.workspace.signingSecret, timestamp, body),
      ...changed,
    };
    return { status: (await fetch(url, { method: "POST", headers, body: sent })).status, headers };
  };

  it("answers what the workspace signs", async () => {
    expect(await type(stage, "list")).toContain("postgres test");
  });

  it.each([
    ["from the past", 400],
    ["from the future", -400],
  ])("refuses a time %s", async (_when, age) => {
    expect((await send(age)).status).toBe(401);
  });

  it("refuses a wrong signature, and a right one over another body", async () => {
    expect((await send(0, { "x-slack-signature": `v0=${"0".repeat(64)}` })).status).toBe(401);
    expect((await send(0, {}, body.replace("help", "list"))).status).toBe(401);
  });

  it("serves the page for handing in beside it, where nothing is signed", async () => {
    const link = new URL(`/collect/${"a".repeat(43)}`, url);
    for (const method of ["GET", "POST"]) {
      const answer = await fetch(link, { method });
      expect([answer.status, answer.headers.get("cache-control")]).toEqual([404, "no-store"]);
    }
  });

  it("takes a correct request once, and refuses its replay", async () => {
    const first = await send(0);
    expect(first.status).toBe(200);
    expect((await fetch(url, { method: "POST", headers: first.headers, body })).status).toBe(401);
  });
});
