import { RespondError } from "@slack/bolt";
import { describe, expect, it } from "vitest";
import { startPair } from "./app.ts";

const rotate = { userId: "U0OLIVIA", channelId: "C0RANDOM", command: "/rotate", text: "" };

describe("a response_url", () => {
  it("works five times, also where the app is no member, and the sixth use throws in the app", async () => {
    const outcomes: string[] = [];
    await using pair = await startPair((app) =>
      app.command("/rotate", async ({ ack, respond }) => {
        await ack();
        for (let n = 1; n <= 6; n += 1) {
          await respond({ text: `answer ${n}` }).then(
            () => outcomes.push("ok"),
            (error: unknown) => outcomes.push(error instanceof RespondError ? "RespondError" : "another error"),
          );
        }
      }),
    );
    const { act, inspect } = pair.workspace;
    await act.slash(rotate);
    await inspect.waitFor(() => outcomes.length === 6);
    expect(outcomes).toEqual(["ok", "ok", "ok", "ok", "ok", "RespondError"]);
    expect(inspect.ephemerals("U0OLIVIA")).toHaveLength(5);
  });

  it("expires, and refuses blocks that Slack would refuse", async () => {
    const urls: string[] = [];
    await using pair = await startPair(
      (app) =>
        app.command("/rotate", async ({ ack, command }) => {
          urls.push(command.response_url);
          await ack();
        }),
      { timing: { responseUrlMs: 1_000_000 } },
    );
    await pair.workspace.act.slash(rotate);
    const send = async (body: object, url = urls[0] ?? "") => {
      const response = await fetch(url, { method: "POST", body: JSON.stringify(body) });
      return `${response.status} ${await response.text()}`;
    };
    expect(await send({ text: "t", blocks: [{ type: "alert", text: { type: "plain_text", text: "x" } }] })).toBe(
      "400 invalid_blocks",
    );
    expect(await send({})).toBe("400 no_text");
    expect(await send({ text: "for all", response_type: "in_channel" })).toBe("200 ok");
    expect(pair.workspace.inspect.messages("C0RANDOM").map(({ text }) => text)).toContain("for all");

    await using late = await startPair(
      (app) =>
        app.command("/rotate", async ({ ack, command }) => {
          urls.push(command.response_url);
          await ack();
        }),
      { timing: { responseUrlMs: -1 } },
    );
    await late.workspace.act.slash(rotate);
    expect(await send({ text: "t" }, urls[1])).toBe("404 expired_url");
  });

  it("of a press replaces or deletes the message that was pressed, an ephemeral one too", async () => {
    const buttons = {
      type: "actions" as const,
      elements: ["replace", "delete"].map((id) => ({
        type: "button" as const,
        action_id: id,
        text: { type: "plain_text" as const, text: id },
      })),
    };
    await using pair = await startPair((app) => {
      app.command("/rotate", async ({ ack }) => ack({ text: "choose", blocks: [buttons] }));
      app.action("replace", async ({ ack, respond }) => {
        await ack();
        await respond({ replace_original: true, text: "replaced", blocks: [buttons] });
      });
      app.action("delete", async ({ ack, respond }) => {
        await ack();
        await respond({ delete_original: true });
      });
    });
    const { act, inspect } = pair.workspace;
    const typed = await act.slash(rotate);
    expect(typed.text).toBe("choose");
    const ts = typed.ephemerals[0]?.ts ?? "";
    const press = (userId: string, actionId: string) => act.press({ userId, channelId: "C0RANDOM", ts, actionId });
    await expect(press("U0ADA", "replace")).rejects.toThrow("U0ADA can see");
    await press("U0OLIVIA", "replace");
    await inspect.waitFor(() => inspect.ephemerals("U0OLIVIA")[0]?.text === "replaced");
    await press("U0OLIVIA", "delete");
    await inspect.waitFor(() => inspect.ephemerals("U0OLIVIA").length === 0);
  });
});
