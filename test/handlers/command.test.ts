import { describe, expect, it } from "vitest";
import { TryLater } from "../../src/core/errors.ts";
import { rotationId } from "../views/sample.ts";
import { openStage, secops, support } from "./stage.ts";

const olivia = { kind: "slack", id: "U0OLIVIA", team: "T0SANDBOX" };

describe("/rotate", () => {
  it("asks the desk with the ids of the payload, and tells only the person who typed it", async () => {
    await using stage = await openStage();
    const { act, inspect } = stage.workspace;
    const typed = await act.slash({
      userId: "U0OLIVIA",
      channelId: support,
      command: "/rotate",
      text: "redis prod leaked because it stood in <b> “ticket 4812” for @ada",
    });
    expect(typed).toMatchObject({ acked: true, text: "Looking first; this only reads." });
    await stage.whispered("U0OLIVIA", `rotation ${rotationId}`);
    expect(stage.desk.asked("request")).toEqual([
      {
        secret: "redis",
        environment: "prod",
        leaked: true,
        because: 'it stood in <b> "ticket 4812" for @ada',
        asker: olivia,
        origin: { channel: support, postable: true },
        onceKey: expect.stringMatching(/^command:/),
      },
    ]);
    expect(inspect.ephemerals("U0ADA")).toEqual([]);
    expect(inspect.messages(support).filter(({ botId }) => botId !== undefined)).toEqual([]);
  });

  it.each([
    ["a channel without the app", "C0RANDOM"],
    ["a channel that is shared with another company", "C0VENDOR"],
  ])("says that nothing can be posted in %s, and where the thread is", async (_name, channelId) => {
    await using stage = await openStage();
    await stage.workspace.act.slash({ userId: "U0OLIVIA", channelId, command: "/rotate", text: "redis prod" });
    const told = await stage.whispered("U0OLIVIA", "I cannot post here");
    expect(told.text).toContain(`<#${secops}>`);
    expect(stage.desk.asked("request")).toMatchObject([{ origin: { channel: channelId, postable: false } }]);
  });

  it("asks the desk via the group that a refusal named, for a plan and for a request", async () => {
    await using stage = await openStage();
    for (const text of [
      "plan redis prod via @platform-leads",
      "redis prod via @platform-leads because nobody else is up",
    ]) {
      await stage.workspace.act.slash({ userId: "U0OLIVIA", channelId: support, command: "/rotate", text });
    }
    await stage.whispered("U0OLIVIA", `rotation ${rotationId}`);
    expect(stage.desk.asked("preview")).toMatchObject([{ via: "@platform-leads" }]);
    expect(stage.desk.asked("request")).toMatchObject([{ via: "@platform-leads", because: "nobody else is up" }]);
  });

  it("shows a plan without asking anybody for anything", async () => {
    await using stage = await openStage();
    await stage.workspace.act.slash({
      userId: "U0OLIVIA",
      channelId: support,
      command: "/rotate",
      text: "plan redis prod",
    });
    expect((await stage.whispered("U0OLIVIA", "Plan: redis prod")).text).toContain("1 of @security: <@U0ADA>");
    expect(stage.desk.calls.map(({ verb }) => verb)).toEqual(["preview"]);
  });

  it.each([
    ["redis prd", "did you mean redis prod?"],
    ["postgres", "did you mean postgres prod, postgres staging?"],
    ["redis prod leakd", "did you mean leaked?"],
    ["status r0000", "no such rotation"],
    ["", "Keyturn rotates a secret after two people have agreed"],
    ["list", "postgres staging (@platform)"],
    ["status", "waiting for approval"],
    ["status redis prod", "redis prod: pending"],
  ])("answers %j with %j", async (text, part) => {
    await using stage = await openStage();
    await stage.workspace.act.slash({ userId: "U0OLIVIA", channelId: support, command: "/rotate", text });
    await stage.whispered("U0OLIVIA", part);
    expect(stage.desk.calls).toEqual([]);
  });

  it("cancels by id", async () => {
    await using stage = await openStage();
    await stage.workspace.act.slash({
      userId: "U0OLIVIA",
      channelId: support,
      command: "/rotate",
      text: `cancel ${rotationId}`,
    });
    await stage.whispered("U0OLIVIA", "press noted");
    expect(stage.desk.asked("press")).toMatchObject([{ rotationId, verb: "cancel", asker: olivia }]);
  });

  it("repeats nothing of a text that looks like a secret, anywhere", async () => {
    await using stage = await openStage();
    const secret = "k9Xw2mQ7pL4vR8tZ";
    await stage.workspace.act.slash({
      userId: "U0OLIVIA",
      channelId: support,
      command: "/rotate",
      text: `redis prod because ${secret} leaked`,
    });
    const told = await stage.whispered("U0OLIVIA", "not read");
    expect(told.text).toContain("rotate it with /rotate SECRET ENVIRONMENT leaked");
    expect(
      JSON.stringify([
        stage.log,
        stage.desk.calls,
        stage.workspace.inspect.ephemerals("U0OLIVIA"),
        stage.workspace.inspect.apiCalls(),
      ]),
    ).not.toContain(secret);
    expect(stage.desk.calls).toEqual([]);
  });

  it("does the same command once, however often it is delivered", async () => {
    await using stage = await openStage();
    const { act, inspect } = stage.workspace;
    await act.slash({ userId: "U0OLIVIA", channelId: support, command: "/rotate", text: "redis prod" });
    await stage.whispered("U0OLIVIA", "asked for redis prod");
    for (let count = 0; count < 10; count += 1) await act.redeliver(0);
    await inspect.waitFor(
      () => stage.log.filter(({ message }) => message.startsWith("a repeated delivery")).length === 10,
    );
    expect(stage.desk.asked("request")).toHaveLength(1);
  });

  it("says why and what to do when Slack or the database cannot be asked, and never takes it for a yes", async () => {
    await using stage = await openStage();
    stage.desk.fail(
      "request",
      new TryLater("slack_unreachable", "slack cannot be reached", { hint: "try again in a minute" }),
    );
    await stage.workspace.act.slash({ userId: "U0OLIVIA", channelId: support, command: "/rotate", text: "redis prod" });
    expect((await stage.whispered("U0OLIVIA", "not done: slack cannot be reached")).text).toContain(
      "try again in a minute",
    );
  });

  it("keeps an unknown error's text to itself", async () => {
    await using stage = await openStage();
    stage.desk.fail("request", new Error("password=hunter2 for redis"));
    await stage.workspace.act.slash({ userId: "U0OLIVIA", channelId: support, command: "/rotate", text: "redis prod" });
    await stage.whispered("U0OLIVIA", "something went wrong here");
    expect(JSON.stringify([stage.log, stage.workspace.inspect.ephemerals("U0OLIVIA")])).not.toContain("hunter2");
  });
});
