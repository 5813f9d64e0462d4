import { describe, expect, it } from "vitest";
import { rotationId } from "../views/sample.ts";
import { openStage, type Stage, support } from "./stage.ts";

function heads({ workspace: { inspect } }: Stage): string {
  return inspect.messages(support).find(({ text }) => text.startsWith("Heads up"))?.ts ?? "";
}

describe("a mention in a thread", () => {
  it("asks for a rotation whose thread is that one", async () => {
    await using stage = await openStage();
    const threadTs = heads(stage);
    await stage.workspace.act.mention({
      userId: "U0OLIVIA",
      channelId: support,
      threadTs,
      text: "rotate redis prod leaked",
    });
    expect((await stage.whispered("U0OLIVIA", "asked for redis prod")).threadTs).toBe(threadTs);
    expect(stage.desk.asked("request")).toMatchObject([
      {
        secret: "redis",
        leaked: true,
        origin: { channel: support, threadTs, postable: true },
        onceKey: expect.stringMatching(/^event:/),
      },
    ]);
  });

  it("means the rotation of the thread when it names none", async () => {
    const place: { thread?: { channel: string; ts: string } } = {};
    await using stage = await openStage({ threadOf: async (id) => (id === rotationId ? place.thread : undefined) });
    const threadTs = heads(stage);
    const { act } = stage.workspace;
    await act.mention({ userId: "U0LIN", channelId: support, threadTs, text: "hold" });
    await stage.whispered("U0LIN", "say which rotation");
    place.thread = { channel: support, ts: threadTs };
    await act.mention({ userId: "U0LIN", channelId: support, threadTs, text: "hold because a release is running" });
    await stage.whispered("U0LIN", "press noted");
    await act.mention({ userId: "U0LIN", channelId: support, threadTs, text: "extend grace 2h" });
    await act.mention({ userId: "U0LIN", channelId: support, threadTs, text: "status" });
    await stage.whispered("U0LIN", "redis prod: pending");
    expect(stage.desk.asked("press")).toMatchObject([
      { rotationId, verb: "hold", detail: "a release is running" },
      { rotationId, verb: "extend-grace", detail: "7200000" },
    ]);
  });

  it("is one request for three deliveries of the event", async () => {
    await using stage = await openStage();
    const { act, inspect } = stage.workspace;
    await act.mention({ userId: "U0OLIVIA", channelId: support, threadTs: heads(stage), text: "rotate redis prod" });
    await act.redeliver(0);
    await act.redeliver(0);
    await inspect.waitFor(
      () => stage.log.filter(({ message }) => message.startsWith("a repeated delivery")).length === 2,
    );
    expect(stage.desk.asked("request")).toHaveLength(1);
  });

  it("from somebody of another company is refused", async () => {
    await using stage = await openStage();
    await stage.workspace.act.mention({ userId: "U0VENDOR", channelId: "C0VENDOR", text: "rotate redis prod" });
    await stage.whispered("U0VENDOR", "members of its own workspace only");
    expect(stage.desk.calls).toEqual([]);
  });
});

describe("the message shortcut", () => {
  it("opens a form and asks for a rotation in that message's thread", async () => {
    await using stage = await openStage();
    const { act, inspect } = stage.workspace;
    const ts = heads(stage);
    await act.messageShortcut({ userId: "U0LIN", channelId: support, ts, callbackId: "rotate_message" });
    const view = await inspect.waitFor(() => act.openViewsOf("U0LIN").at(-1));
    await act.submitView({
      userId: "U0LIN",
      viewId: view.id,
      values: { target: "postgres staging", leaked: ["leaked"], because: "it stood there" },
    });
    await stage.whispered("U0LIN", "asked for");
    expect(stage.desk.asked("request")).toMatchObject([
      {
        secret: "postgres",
        environment: "staging",
        leaked: true,
        because: "it stood there",
        origin: { channel: support, threadTs: ts, postable: true },
      },
    ]);
  });

  it("shows a secret in the form as an error beside its field", async () => {
    await using stage = await openStage();
    const { act, inspect } = stage.workspace;
    await act.messageShortcut({ userId: "U0LIN", channelId: support, ts: heads(stage), callbackId: "rotate_message" });
    const view = await inspect.waitFor(() => act.openViewsOf("U0LIN").at(-1));
    const submitted = await act.submitView({
      userId: "U0LIN",
      viewId: view.id,
      values: { target: "redis prod", because: "postgres://app:hunter22@db/app" },
    });
    expect(submitted.errors).toEqual({ because: "This looks as if it held a secret; say it without." });
    expect(stage.desk.calls).toEqual([]);
  });
});
