import { describe, expect, it } from "vitest";
import { TryLater } from "../../src/core/errors.ts";
import { overrideDigest, overrideSubject } from "../../src/core/overrides.ts";
import { approved, digest, journey, requested, rotationId, rotationOf, samplePlan } from "../views/sample.ts";
import { secops, support, threadWorld } from "./thread-world.ts";

const ada = { kind: "slack", id: "U0ADA", team: "T0SANDBOX" } as const;
const all = journey();
const grace = all.slice(0, all.findIndex(({ type }) => type === "grace_changed") + 1);

describe("the projection of a rotation", () => {
  it("posts the request where it was asked and the card in the policy's channel, once", async () => {
    await using world = await threadWorld();
    await world.write([requested()]);
    for (let count = 0; count < 3; count += 1) expect(await world.thread.project(rotationId)).toEqual({});
    expect(world.messages(support).map(({ text }) => text.split("\n")[0])).toEqual(["Rotate redis prod"]);
    expect(world.messages(secops).map(({ text }) => text.split("\n")[0])).toEqual(["Approve: rotate redis prod"]);
    expect(world.messages(secops)[0]?.notifies).toEqual(expect.arrayContaining(["U0ADA", "U0GRACE", "U0LIN"]));
    expect(await world.thread.threadOf(rotationId)).toEqual({ channel: support, ts: world.messages(support)[0]?.ts });
    const posts = world.workspace.inspect.apiCalls().filter(({ method }) => method === "chat.postMessage");
    expect(posts.map(({ args }) => [args["unfurl_links"], args["unfurl_media"]])).toEqual([
      ["false", "false"],
      ["false", "false"],
    ]);
  });

  it("shows each vote on the card, and takes the buttons away when it is decided", async () => {
    await using world = await threadWorld();
    await world.write([requested()]);
    await world.thread.project(rotationId);
    expect(world.messages(secops)[0]?.text).toContain("0 of 2: @security, @oncall still needed");
    await world.vote(ada, "plan", digest);
    await world.thread.project(rotationId);
    expect(world.messages(secops)[0]?.text).toContain("1 of 2: @oncall still needed");
    await world.write([approved]);
    await world.thread.project(rotationId);
    const card = world.messages(secops)[0];
    expect(card?.text).toContain("approved by <@U0ADA> (security) and <@U0LIN> (oncall)");
    expect(JSON.stringify(card?.blocks)).not.toContain('"approve"');
  });

  it("tells a whole journey in order, each line once, and the notice is accepted when Slack has it", async () => {
    await using world = await threadWorld();
    await world.write([requested()]);
    await world.thread.project(rotationId);
    for (const event of all.slice(1)) {
      await world.write([event]);
      await world.thread.project(rotationId);
      const told = world.replies().some((text) => text.includes("notice: the old credential will be disabled"));
      expect((await world.state.notices.accepted(rotationId, "retire")) !== undefined).toBe(told);
    }
    const replies = world.replies();
    expect(new Set(replies).size).toBe(replies.length);
    expect(replies.map((text) => text.split(/[:,;(]/)[0]?.trim())).toEqual([
      "approved by <@U0ADA>",
      "new credential issued",
      "published to env-file /srv/app/.env",
      "rolled out",
      "verified",
      "grace begins",
      "old credential",
      "nobody has used the old credential since <!date^1795340460^{date_short_pretty} {time}|2026-11-22 09",
      "old credential disabled",
      "watched since <!date^1795341300^{date_short_pretty} {time}|2026-11-22 09",
      "proved",
      "done",
    ]);
    expect(replies.at(-1)).toContain(`audit head ${await world.state.auditHead()}`);
    expect(world.messages(support)).toHaveLength(1);
    expect(world.messages(support)[0]?.text.split("\n")[0]).toBe("Done: redis prod");
  });

  it("uses the thread it was asked in, and names the rotation on each line", async () => {
    await using world = await threadWorld();
    const asked = world.workspace.inspect.messages(support).find(({ text }) => text.startsWith("Heads up"))?.ts ?? "";
    await world.write([requested({ origin: { channel: support, threadTs: asked } }), approved]);
    await world.thread.project(rotationId);
    const [root, reply] = world.workspace.inspect.thread(support, asked).filter(({ botId }) => botId !== undefined);
    expect(root?.text).toContain(`redis prod (${rotationId}): Rotating redis prod`);
    expect(reply?.text).toContain(`redis prod (${rotationId}): approved by`);
    expect(await world.thread.threadOf(rotationId)).toEqual({ channel: support, ts: asked });
  });

  it("moves to the policy's channel when the app cannot post where it was asked", async () => {
    await using world = await threadWorld();
    await world.write([requested({ origin: { channel: "C0RANDOM" } })]);
    expect(await world.thread.project(rotationId)).toEqual({ again: 1 });
    expect(await world.thread.project(rotationId)).toEqual({});
    expect(world.messages(secops).map(({ text }) => text.split("\n")[0])).toEqual([
      "Rotate redis prod",
      "Approve: rotate redis prod",
    ]);
  });

  it("falls back to classic blocks in a workspace that does not know task cards, and stays with them", async () => {
    await using world = await threadWorld();
    world.workspace.faults.unknownBlocks(["plan", "task_card"]);
    await world.write([requested(), approved]);
    await world.thread.project(rotationId);
    await world.write(all.slice(2, 6));
    await world.thread.project(rotationId);
    const [root] = world.messages(support);
    expect(root?.blocks.map(({ type }) => type)).toEqual(["header", "rich_text", "rich_text", "context", "actions"]);
    expect(world.workspace.inspect.apiCalls().filter(({ error }) => error === "invalid_blocks")).toHaveLength(1);
  });
});

describe("two processes and a bad network", () => {
  it("two processes at once post nothing twice", async () => {
    await using world = await threadWorld();
    await world.write(grace);
    for (let count = 0; count < 6; count += 1)
      await Promise.all([world.thread.project(rotationId), world.other.project(rotationId)]);
    expect(world.messages(support)).toHaveLength(1);
    expect(new Set(world.replies()).size).toBe(world.replies().length);
    expect(world.replies().at(-1)).toContain("grace begins");
  });

  it("an outage is waited out: nothing is lost, and nothing is accepted that was not posted", async () => {
    await using world = await threadWorld();
    await world.write([requested()]);
    await world.thread.project(rotationId);
    world.workspace.faults.outage(true);
    await world.write(grace.slice(1));
    await expect(world.thread.project(rotationId)).rejects.toBeInstanceOf(TryLater);
    expect(await world.state.notices.accepted(rotationId, "retire")).toBeUndefined();
    world.workspace.faults.clear();
    await world.thread.project(rotationId);
    expect(world.replies()).toHaveLength(6);
    expect(await world.state.notices.accepted(rotationId, "retire")).toBeDefined();
  });

  it("the notice of a cut is accepted when Slack has it, not before, and is none of a retirement", async () => {
    const cut = "everybody logs in again";
    const { rotator } = samplePlan();
    await using world = await threadWorld();
    await world.write([requested({ plan: { rotator: { ...rotator, words: { ...rotator.words, cut } } } })]);
    await world.thread.project(rotationId);
    world.workspace.faults.outage(true);
    const about = { step: "announce", topic: "cut", key: "cut", sentence: "", detail: null, loud: true };
    await world.write([approved, { type: "noted", ...about }]);
    await expect(world.thread.project(rotationId)).rejects.toBeInstanceOf(TryLater);
    expect(await world.state.notices.accepted(rotationId, "cut")).toBeUndefined();
    world.workspace.faults.clear();
    await world.thread.project(rotationId);
    expect(world.replies().at(-1)).toMatch(/^notice: a cut comes not before .*\neverybody logs in again\n/);
    expect(await world.state.notices.accepted(rotationId, "cut")).toBeDefined();
    expect(await world.state.notices.accepted(rotationId, "retire")).toBeUndefined();
  });

  it("an answer that is lost is a duplicate at most, never a silence", async () => {
    await using world = await threadWorld();
    await world.write([requested()]);
    await world.thread.project(rotationId);
    await world.write([approved]);
    world.workspace.faults.dropResponses("chat.postMessage", 1);
    await expect(world.thread.project(rotationId)).rejects.toBeInstanceOf(TryLater);
    await world.thread.project(rotationId);
    expect(world.replies().filter((text) => text.startsWith("approved by")).length).toBeLessThan(3);
    expect(world.replies().length).toBeGreaterThan(0);
  });

  it("a 429 on one method does not stop the others, and its Retry-After is handed on", async () => {
    await using world = await threadWorld();
    await world.write([requested()]);
    await world.thread.project(rotationId);
    await world.write([approved]);
    world.workspace.faults.rateLimit({ method: "chat.update", count: 2, retryAfterSec: 7 });
    await expect(world.thread.project(rotationId)).rejects.toMatchObject({ code: "slack_limited", afterMs: 7_000 });
    expect(world.replies().map((text) => text.split(" ")[0])).toEqual(["approved"]);
    await world.thread.project(rotationId);
    expect(world.messages(support)[0]?.text).toContain("Rotating redis prod");
  });

  it("a claim of a process that died is waited for, and then given up", async () => {
    await using world = await threadWorld();
    await world.write([requested()]);
    const at = await world.state.now();
    await world.state.cursor.write(
      rotationId,
      undefined,
      JSON.stringify({ overrides: {}, lastSeq: 0, elsewhere: false, classic: false, claim: { what: "root", at } }),
    );
    const { again = 0 } = await world.thread.project(rotationId);
    expect(again).toBeGreaterThan(10_000);
    expect(world.messages(support)).toEqual([]);
    const text = (await world.state.cursor.read(rotationId)) ?? "";
    await world.state.cursor.write(rotationId, text, text.replace(at, "2026-01-01T00:00:00.000Z"));
    await world.thread.project(rotationId);
    expect(world.messages(support)).toHaveLength(1);
  });
});

describe("what needs the full policy again", () => {
  it("becomes a card with Agree in the policy's channel, which closes when the evidence changes", async () => {
    await using world = await threadWorld();
    await world.write(grace);
    await world.thread.project(rotationId);
    const evidence = overrideDigest(rotationOf(grace), "retire-now");
    await world.vote(ada, overrideSubject("retire-now", evidence), evidence);
    const { again = 0 } = await world.thread.project(rotationId);
    expect(again).toBeGreaterThan(500_000);
    const card = () => world.messages(secops).find(({ text }) => text.startsWith("Retire now: redis prod?"));
    expect(card()?.text).toContain("1 of 2: @oncall still needed");
    expect(card()?.notifies).toContain("U0LIN");
    expect(JSON.stringify(card()?.blocks)).toContain('"agree"');
    await world.write([
      { type: "turned_back", by: ada, reason: { code: "asked", sentence: "a person asked to roll back" } },
    ]);
    await world.thread.project(rotationId);
    expect(JSON.stringify(card()?.blocks)).not.toContain('"agree"');
    expect(card()?.text).toContain("this question is closed");
  });
});
