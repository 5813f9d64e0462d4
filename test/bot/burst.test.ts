import { WebClient } from "@slack/web-api";
import { describe, expect, it } from "vitest";
import { openPace } from "../../src/bot/post-pace.ts";
import type { Thread } from "../../src/bot/thread.ts";
import { TryLater } from "../../src/core/errors.ts";
import { journey, requested, samplePlan } from "../views/sample.ts";
import { threadWorld } from "./thread-world.ts";

const channels = Array.from({ length: 20 }, (_, index) => `C0BURST${String(index)}`);

/** What the thread job does: again when it is told to, later when Slack or the pace says so. Resolves when all is shown. */
async function shown(thread: Thread, id: string): Promise<void> {
  for (;;) {
    const waitMs = await thread.project(id).then(
      ({ again }) => again,
      (error: unknown) => {
        if (error instanceof TryLater && error.code === "slack_limited") return error.afterMs ?? 1_000;
        throw error;
      },
    );
    if (waitMs === undefined) return;
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}

describe("a burst of milestones of many rotations, against a workspace that takes one post a second per channel", () => {
  it("loses none, posts each once and in order, and one process is never asked to wait", {
    timeout: 120_000,
  }, async () => {
    await using world = await threadWorld({ enforceTiers: true, channels });
    const ids = channels.map((channel, index) => ({ id: `r${String(index)}`, channel }));
    for (const { id, channel } of ids) {
      const policy = { ...samplePlan().policy, channel: { id: channel, name: channel } };
      await world.add(id, journey(requested({ origin: { channel }, plan: { policy } })));
    }

    const bursting = Promise.all(ids.map(({ id }) => shown(world.thread, id)));
    // A press is answered by a client of its own, with methods of their own, whatever waits in the background.
    const client = new WebClient(world.workspace.botToken, { slackApiUrl: world.workspace.apiUrl });
    let presses = 0;
    for (let count = 0; count < 10; count += 1) {
      const text = `press ${String(count)}`;
      presses += (await client.chat.postEphemeral({ channel: channels[0] ?? "", user: "U0LIN", text })).ok ? 1 : 0;
    }
    expect(presses).toBe(10);
    const answered = world.workspace.inspect.apiCalls().filter(({ method }) => method === "chat.postMessage").length;
    await bursting;

    const posts = world.workspace.inspect.apiCalls().filter(({ method }) => method === "chat.postMessage");
    expect(answered, "presses were answered before the burst was over").toBeLessThan(posts.length);
    expect(posts.length).toBeGreaterThanOrEqual(200);
    expect(posts.filter(({ error }) => error === "ratelimited")).toEqual([]);
    const texts = channels.map((channel) => {
      const [root] = world.messages(channel);
      const replies = world.workspace.inspect.thread(channel, root?.ts ?? "").slice(1);
      return replies.map(({ text }) => text.slice(0, 30).replace(/, <!date.*/, ""));
    });
    for (const replies of texts) expect(replies).toEqual(texts[0]);
    expect(new Set(texts[0]).size).toBe(texts[0]?.length);
    expect(texts[0]?.length).toBeGreaterThanOrEqual(9);
  });

  it("two processes together are told by 429 to wait, and each milestone still is posted once", {
    timeout: 120_000,
  }, async () => {
    await using world = await threadWorld({ enforceTiers: true, channels });
    const [channel = ""] = channels;
    const policy = { ...samplePlan().policy, channel: { id: channel, name: channel } };
    const ids = ["r1", "r2"];
    for (const id of ids) await world.add(id, journey(requested({ origin: { channel }, plan: { policy } })));

    await Promise.all([shown(world.thread, "r1"), shown(world.other, "r2"), shown(world.other, "r1")]);

    const roots = world.messages(channel);
    const replies = roots.map(({ ts }) => world.workspace.inspect.thread(channel, ts).slice(1));
    expect(replies.map(({ length }) => length)).toEqual([12, 12]);
    for (const thread of replies) expect(new Set(thread.map(({ text }) => text)).size).toBe(12);
    const limited = world.workspace.inspect.apiCalls().filter(({ error }) => error === "ratelimited");
    expect(limited.length, "each process waits as long as slack asks").toBeLessThan(replies.flat().length);
  });
});

describe("the pace of posts", () => {
  it("lets a few go at once, then one a second in each channel, and sends away who would wait long", () => {
    let nowMs = 5_000;
    const pace = openPace(() => nowMs);
    const turns = Array.from({ length: 5 }, () => pace.turn("C1"));
    expect(turns.map((turn) => (turn.kind === "go" ? turn.inMs : -1))).toEqual([0, 0, 0, 1_100, 2_200]);
    expect(pace.turn("C1")).toEqual({ kind: "later", afterMs: 3_300 });
    expect(pace.turn("C2")).toEqual({ kind: "go", inMs: 0 });
    nowMs += 60_000;
    expect(pace.turn("C1")).toEqual({ kind: "go", inMs: 0 });
  });

  it("waits as long as slack asks, in that channel only", () => {
    const pace = openPace(() => 0);
    pace.hush("C1", 30_000);
    expect(pace.turn("C1")).toEqual({ kind: "later", afterMs: 30_000 });
    expect(pace.turn("C2")).toEqual({ kind: "go", inMs: 0 });
  });
});
