import { createHmac } from "node:crypto";
import { App, HTTPReceiver, LogLevel } from "@slack/bolt";
import { afterEach, describe, expect, it } from "vitest";
import { demoSeed } from "../../sandbox/workspace/demo-seed.ts";
import { startWorkspace } from "../../sandbox/workspace/server.ts";
import { guardHttp } from "../../src/bot/http-door.ts";
import { refuseDelivery } from "../../src/handlers/http-guard.ts";
import { registerHandlers } from "../../src/handlers/index.ts";
import { fakeDesk, noChanges } from "../handlers/fake-desk.ts";
import { keptLog } from "../state/world.ts";

const signingSecret = "an-http-signing-secret";
const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** A workspace that delivers signed requests to a Bolt app in HTTP mode behind the door. */
async function stage() {
  const place = { url: "" };
  const workspace = await startWorkspace({ seed: demoSeed(), signingSecret, deliverTo: () => place.url });
  ends.push(() => workspace.close());
  const receiver = new HTTPReceiver({ signingSecret, logLevel: LogLevel.ERROR });
  const seen = new Set<string>();
  const log = keptLog();
  const desk = fakeDesk();
  const firstTime = async (key: string) => {
    const first = !seen.has(key);
    seen.add(key);
    return first;
  };
  receiver.requestListener = guardHttp(receiver.requestListener, {
    signingSecret,
    firstTime,
    nowMs: () => Date.now(),
    log,
  });
  const app = new App({
    token: workspace.botToken,
    receiver,
    logLevel: LogLevel.ERROR,
    clientOptions: { slackApiUrl: workspace.apiUrl },
  });
  registerHandlers(app, {
    desk,
    firstTime,
    team: "T0SANDBOX",
    threadOf: async () => undefined,
    changes: noChanges,
    log,
  });
  const server = await receiver.start({ port: 0, host: "127.0.0.1" });
  ends.push(() => receiver.stop());
  const address = server.address();
  if (typeof address === "object" && address !== null)
    place.url = `http://127.0.0.1:${String(address.port)}/slack/events`;
  const body = new URLSearchParams({
    command: "/rotate",
    text: "help",
    user_id: "U0ADA",
    team_id: "T0SANDBOX",
    channel_id: "C0SUPPORT",
    trigger_id: "1",
    response_url: `${workspace.url}/hook/none`,
  }).toString();
  const send = async (change: { atSec?: number; secret?: string; text?: string; signature?: string } = {}) => {
    const timestamp = String(change.atSec ?? Math.floor(Date.now() / 1000));
    const signature =
      change.signature ??
      `v0=${createHmac("sha256", change.secret ?? signingSecret)
        .update(`v0:${timestamp}:${body}`)
        .digest("hex")}`;
    const answer = await fetch(place.url, {
      method: "POST",
      body: change.text ?? body,
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": timestamp,
        "x-slack-signature": signature,
      },
    });
    return answer.status;
  };
  return { workspace, desk, log, send, url: place.url };
}

describe("HTTP mode behind the door", () => {
  it("serves a command that Slack signed", async () => {
    const { workspace, desk } = await stage();
    const typed = await workspace.act.slash({
      userId: "U0ADA",
      channelId: "C0SUPPORT",
      command: "/rotate",
      text: "redis prod",
    });
    expect(typed.acked).toBe(true);
    await workspace.inspect.waitFor(() =>
      workspace.inspect.ephemerals("U0ADA").some(({ text }) => text.includes("asked for redis prod")),
    );
    expect(desk.asked("request")).toHaveLength(1);
  });

  it("refuses a replay of the same signed request, the past, the future, a wrong signature and another body", async () => {
    const { send, log } = await stage();
    const nowSec = Math.floor(Date.now() / 1000);
    expect(await send({ atSec: nowSec })).toBe(200);
    expect(await send({ atSec: nowSec })).toBe(401);
    expect(await send({ atSec: nowSec - 400 })).toBe(401);
    expect(await send({ atSec: nowSec + 3_600 })).toBe(401);
    expect(await send({ secret: "another" })).toBe(401);
    expect(await send({ atSec: nowSec - 1, text: "command=%2Frotate&text=redis+prod" })).toBe(401);
    expect(await send({ signature: "none" })).toBe(401);
    expect(await send({ text: "x".repeat(1_100_000) })).toBe(413);
    expect(
      log.lines
        .map(({ fields }) => ("reason" in fields ? fields.reason : undefined))
        .filter((reason) => reason !== undefined),
    ).toEqual(["replay", "out_of_time", "out_of_time", "bad_signature", "bad_signature", "unsigned"]);
  });

  it("remembers a signature only after it was verified", async () => {
    const { send } = await stage();
    const atSec = Math.floor(Date.now() / 1000);
    expect(await send({ atSec, text: "smuggled=1" })).toBe(401);
    expect(await send({ atSec })).toBe(200);
  });
});

describe("the time window", () => {
  it("is 300 s in both directions", () => {
    const signature = `v0=${"a".repeat(64)}`;
    const at = (offsetSec: number) =>
      refuseDelivery({ timestamp: String(1_000_000 + offsetSec), signature }, 1_000_000_000);
    expect([-301, -300, 0, 300, 301].map(at)).toEqual(["out_of_time", undefined, undefined, undefined, "out_of_time"]);
    expect(refuseDelivery({ timestamp: "1e9", signature }, 0)).toBe("unsigned");
    expect(refuseDelivery({ timestamp: undefined, signature }, 0)).toBe("unsigned");
  });
});
