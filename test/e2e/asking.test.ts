import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answered, cardOf, ended, request, rootOf, secops, support, type } from "./people.ts";
import { openStage, type Stage } from "./stage.ts";

describe("asking for a rotation in Slack", () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await openStage();
  });
  afterAll(async () => {
    await stage?.[Symbol.asyncDispose]();
  });

  const cancel = async (id: string) => {
    await type(stage, `cancel ${id}`);
    expect(await ended(stage, id)).toBe("cancelled");
  };

  it.each([
    ["a channel that is shared with another company", "C0VENDOR"],
    ["a channel that the app is not in", "C0RANDOM"],
  ])("in %s has its thread in the policy's channel, and the requester is told", async (_where, channelId) => {
    const { inspect } = stage.workspace;
    const before = inspect.messages(channelId).length;
    const id = await request(stage, "postgres test because it is time", "U0OLIVIA", channelId);
    const told = inspect.ephemerals("U0OLIVIA").find(({ text }) => text.includes(id));
    expect(told?.text).toContain("I cannot post here");
    expect((await rootOf(stage, id, secops)).channelId).toBe(secops);
    expect(inspect.messages(channelId)).toHaveLength(before);
    await cancel(id);
  });

  it.each([
    ["postgrs test", "did you mean `?postgres test"],
    ["postgres tset", "did you mean `?postgres test"],
    ["postgres", "did you mean `?postgres test"],
    ["postgres test leeked", "did you mean `?leaked"],
    ["statsu", "not done"],
  ])("%j is answered with what was probably meant", async (text, sentence) => {
    expect(await type(stage, text)).toMatch(new RegExp(sentence));
  });

  it("refuses a text with a secret in it, and repeats it nowhere", async () => {
    const secret = "Tr0ub4dor-k9Xw2mQ7pL4z";
    const answer = await type(stage, `postgres test leaked because postgres://app:${secret}@db/shop stood in a ticket`);
    expect(answer).toContain("this looks as if it held a secret");
    expect(JSON.stringify(stage.workspace.inspect.apiCalls())).not.toContain(secret);
    expect(stage.log()).not.toContain(secret);
    expect(await stage.database.query("SELECT * FROM keyturn.rotations WHERE status = 'pending'")).toEqual([]);
  });

  it("by the message shortcut inside a thread uses that thread, and a mention there says how it stands", async () => {
    const { act, inspect } = stage.workspace;
    const head = inspect.messages(support).find(({ text }) => text.startsWith("Heads up"))?.ts ?? "";
    const reply = inspect.thread(support, head)[1]?.ts ?? "";
    await act.messageShortcut({ userId: "U0OLIVIA", channelId: support, ts: reply, callbackId: "rotate_message" });
    const view = await inspect.waitFor(() => act.openViewsOf("U0OLIVIA").at(-1), 30_000, "the form");
    const told = await answered(stage, "U0OLIVIA", () =>
      act.submitView({
        userId: "U0OLIVIA",
        viewId: view.id,
        values: { target: "postgres test", leaked: ["leaked"], because: "it stood in a ticket" },
      }),
    );
    const id = /rotation `?(r[0-9a-f]{10})/.exec(told)?.[1] ?? "";
    await cardOf(stage, id);
    const inThread = await inspect.waitFor(
      () => inspect.thread(support, head).find(({ text, botId }) => botId !== undefined && text.includes(id)),
      30_000,
      "the request in the thread",
    );
    expect(inThread.text).toMatch(new RegExp(`^.?postgres test.*${id}`, "s"));
    const say = (text: string) =>
      answered(stage, "U0OLIVIA", () => act.mention({ userId: "U0OLIVIA", channelId: support, threadTs: head, text }));
    expect(await say("status")).toContain("waiting for approval");
    expect(await say("cancel because it was a mistake")).toContain("it is cancelled");
    expect(await ended(stage, id)).toBe("cancelled");
    await inspect.waitFor(
      () => inspect.thread(support, head).some(({ text }) => text.includes("cancelled by") && text.includes(id)),
      30_000,
      "the end in the thread, with the id",
    );
  });
});
