import { describe, expect, it } from "vitest";
import type { Workspace } from "../../sandbox/workspace/server.ts";
import { newApp, refusal, startPair } from "./app.ts";

const channel = "C0SUPPORT";
const texts = (messages: readonly { text: string }[]) => messages.map(({ text }) => text);

describe("faults on demand", () => {
  it("an outage closes every call without an answer and without effect, until it ends", async () => {
    await using pair = await startPair();
    const { faults, inspect } = pair.workspace;
    const before = inspect.messages(channel).length;
    faults.outage(true);
    await expect(pair.app.client.chat.postMessage({ channel, text: "t" })).rejects.toThrow("fetch failed");
    expect(inspect.messages(channel).length).toBe(before);
    faults.outage(false);
    await pair.app.client.chat.postMessage({ channel, text: "back" });
    expect(texts(inspect.messages(channel))).toContain("back");
  });

  it("a 429 storm names the seconds to wait, hits one method, and ends", async () => {
    await using pair = await startPair();
    const { client } = newApp(pair.workspace, 1);
    pair.workspace.faults.rateLimit({ method: "chat.postMessage", count: 1, retryAfterSec: 1 });
    expect((await client.auth.test()).ok).toBe(true);
    const posted = await client.chat.postMessage({ channel, text: "after the wait" });
    expect(posted.ok).toBe(true);
    const calls = pair.workspace.inspect.apiCalls().filter(({ method }) => method === "chat.postMessage");
    expect(calls.map(({ error, ok }) => error ?? ok)).toEqual(["ratelimited", true]);
  });

  it("a lost answer makes the SDK post twice", async () => {
    await using pair = await startPair();
    const retrying = newApp(pair.workspace, 2);
    pair.workspace.faults.dropResponses("chat.postMessage", 1);
    await retrying.client.chat.postMessage({ channel, text: "once?" });
    const posted = texts(pair.workspace.inspect.messages(channel)).filter((text) => text === "once?");
    expect(posted).toEqual(["once?", "once?"]);
  });

  it("a workspace that does not know a block yet refuses it, also inside others", async () => {
    await using pair = await startPair();
    const { client } = pair.app;
    const blocks = [
      { type: "plan", title: "p", tasks: [{ type: "task_card", task_id: "a", title: "A", status: "pending" }] },
    ];
    const post = () => refusal(client.apiCall("chat.postMessage", { channel, text: "t", blocks }));
    expect(await post()).toBeUndefined();
    pair.workspace.faults.unknownBlocks(["task_card"]);
    expect((await post())?.error).toBe("invalid_blocks");
    pair.workspace.faults.clear();
    expect(await post()).toBeUndefined();
  });

  it("a call can be made to fail with any error", async () => {
    await using pair = await startPair();
    pair.workspace.faults.failCalls("users.info", 1, "internal_error");
    expect((await refusal(pair.app.client.users.info({ user: "U0ADA" })))?.error).toBe("internal_error");
    expect((await pair.app.client.users.info({ user: "U0ADA" })).ok).toBe(true);
  });
});

describe("rate-limit tiers", () => {
  const burst = async (enforceTiers: boolean) => {
    const pair = await startPair(undefined, { seed: { ...small, enforceTiers } });
    const call = caller(pair.workspace, "chat.postMessage", { channel: "C0ONE", text: "t" });
    const answers = await Promise.all(Array.from({ length: 6 }, call));
    return { pair, statuses: answers.map(({ status }) => status), waits: answers.map(({ wait }) => wait) };
  };
  const small = {
    users: [{ id: "U0ADA", handle: "ada", name: "Ada" }],
    usergroups: [],
    channels: [{ id: "C0ONE", name: "one", botIsMember: true }],
  };

  it("are counted but let everything through when not enforced", async () => {
    const { pair, statuses } = await burst(false);
    await using _pair = pair;
    expect(statuses).toEqual([200, 200, 200, 200, 200, 200]);
    expect(pair.workspace.inspect.tiers()["chat.postMessage C0ONE"]).toMatchObject({ lastMinute: 6, over: 2 });
  });

  it("hold posting to about one message per second in a channel when enforced", async () => {
    const { pair, statuses, waits } = await burst(true);
    await using _pair = pair;
    expect(statuses).toEqual([200, 200, 200, 200, 429, 429]);
    expect(waits.slice(4)).toEqual(["1", "1"]);
  });

  it("hold chat.update to 50 a minute over all messages", async () => {
    await using pair = await startPair(undefined, { seed: { ...small, enforceTiers: true } });
    const update = caller(pair.workspace, "chat.update", { channel: "C0ONE", ts: "1.000001", text: "t" });
    const answers = [];
    for (let n = 0; n < 51; n += 1) answers.push(await update());
    expect(answers.slice(0, 50).every(({ status }) => status === 200)).toBe(true);
    expect(answers[50]?.status).toBe(429);
    expect(Number(answers[50]?.wait)).toBeGreaterThan(0);
  });
});

/** One call without the SDK, whose queue would wait for a Retry-After. */
function caller(workspace: Workspace, method: string, args: object) {
  const headers = { authorization: `Bearer ${workspace.botToken}`, "content-type": "application/json" };
  return async () => {
    const response = await fetch(workspace.apiUrl + method, { method: "POST", headers, body: JSON.stringify(args) });
    return { status: response.status, wait: response.headers.get("retry-after") };
  };
}
