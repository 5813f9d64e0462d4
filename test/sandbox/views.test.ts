import type { BlockAction } from "@slack/bolt";
import type { ModalView } from "@slack/types";
import { describe, expect, it } from "vitest";
import { type BoltApp, refusal, startPair } from "./app.ts";

const rotate = { userId: "U0OLIVIA", channelId: "C0SUPPORT", command: "/rotate", text: "" };
const text = (length: number) => ({ type: "plain_text" as const, text: "x".repeat(length) });
const next = { type: "actions" as const, elements: [{ type: "button" as const, action_id: "next", text: text(4) }] };
const modal = (more: Partial<ModalView> = {}): ModalView => ({
  type: "modal",
  title: text(24),
  blocks: [next],
  ...more,
});

/** An app that collects the trigger of each command, and does nothing else. */
function collecting(triggers: string[]) {
  return (app: BoltApp) =>
    app.command("/rotate", async ({ ack, command }) => {
      triggers.push(command.trigger_id);
      await ack();
    });
}

describe("a trigger", () => {
  it("opens one view and no second one", async () => {
    const triggers: string[] = [];
    await using pair = await startPair(collecting(triggers));
    await pair.workspace.act.slash(rotate);
    const open = () => refusal(pair.app.client.views.open({ trigger_id: triggers[0] ?? "", view: modal() }));
    expect(await open()).toBeUndefined();
    expect((await open())?.error).toBe("exchanged_trigger_id");
    const forged = pair.app.client.views.open({ trigger_id: "1.2.3", view: modal() });
    expect((await refusal(forged))?.error).toBe("invalid_trigger_id");
  });

  it("expires", async () => {
    const triggers: string[] = [];
    await using pair = await startPair(collecting(triggers), { timing: { triggerMs: -1 } });
    await pair.workspace.act.slash(rotate);
    const open = pair.app.client.views.open({ trigger_id: triggers[0] ?? "", view: modal() });
    expect((await refusal(open))?.error).toBe("expired_trigger_id");
  });
});

const refused: [string, Partial<ModalView>, string][] = [
  ["a title of 25 characters", { title: text(25) }, "must be less than 25 characters [json-pointer:/view/title/text]"],
  [
    "private_metadata of 3001 characters",
    { private_metadata: "x".repeat(3001) },
    "must be less than 3001 characters [json-pointer:/view/private_metadata]",
  ],
  [
    "a submit label of 25 characters",
    { submit: text(25) },
    "must be less than 25 characters [json-pointer:/view/submit/text]",
  ],
  [
    "101 blocks",
    { blocks: Array.from({ length: 101 }, () => ({ type: "divider" as const })) },
    "no more than 100 items allowed [json-pointer:/view/blocks]",
  ],
  [
    "a plan",
    { blocks: [{ type: "plan", title: "p", tasks: [] }] },
    "unsupported type: plan [json-pointer:/view/blocks/0/type]",
  ],
  [
    "markdown",
    { blocks: [{ type: "markdown", text: "m" }] },
    "unsupported type: markdown [json-pointer:/view/blocks/0/type]",
  ],
  [
    "an alert of 201 characters",
    { blocks: [{ type: "alert", text: text(201) }] },
    "must be less than 201 characters [json-pointer:/view/blocks/0/text/text]",
  ],
  [
    "an input without a submit button",
    { blocks: [{ type: "input", label: text(3), element: { type: "plain_text_input" } }] },
    "missing required field: submit [json-pointer:/view]",
  ],
];

describe("a view", () => {
  it.each(refused)("is refused with a JSON pointer: %s", async (_name, more, problem) => {
    const triggers: string[] = [];
    await using pair = await startPair(collecting(triggers));
    await pair.workspace.act.slash(rotate);
    const view = modal(more);
    const first = await refusal(pair.app.client.views.open({ trigger_id: triggers[0] ?? "", view }));
    expect(first).toEqual({ error: "invalid_arguments", messages: [`[ERROR] ${problem}`] });
    expect(await refusal(pair.app.client.views.open({ trigger_id: triggers[0] ?? "", view: modal() }))).toBeUndefined();
  });

  it("may stand on two others and not on three", async () => {
    const outcomes: (string | undefined)[] = [];
    await using pair = await startPair((app) => {
      app.command("/rotate", async ({ ack, command, client }) => {
        await ack();
        await client.views.open({ trigger_id: command.trigger_id, view: modal() });
      });
      app.action<BlockAction>("next", async ({ ack, body, client }) => {
        await ack();
        const pushed = await refusal(client.views.push({ trigger_id: body.trigger_id, view: modal() }));
        outcomes.push(pushed?.error);
      });
    });
    const { act, inspect } = pair.workspace;
    await act.slash(rotate);
    for (let depth = 1; depth <= 3; depth += 1) {
      const top = await inspect.waitFor(() => act.openViewsOf("U0OLIVIA")[depth - 1]);
      await act.pressInView({ userId: "U0OLIVIA", viewId: top.id, actionId: "next" });
      await inspect.waitFor(() => outcomes.length === depth);
    }
    expect(outcomes).toEqual([undefined, undefined, "push_limit_reached"]);
    const top = act.openViewsOf("U0OLIVIA").at(-1);
    await act.closeView({ userId: "U0OLIVIA", viewId: top?.id ?? "" });
    expect(act.openViewsOf("U0OLIVIA")).toHaveLength(2);
  });

  it("is updated only against the hash that is current, and only while it is open", async () => {
    const triggers: string[] = [];
    await using pair = await startPair(collecting(triggers));
    const { act } = pair.workspace;
    await act.slash(rotate);
    const { client } = pair.app;
    const opened = await client.views.open({ trigger_id: triggers[0] ?? "", view: modal() });
    const id = opened.view?.id ?? "";
    const update = (hash: string) => refusal(client.views.update({ view_id: id, hash, view: modal() }));
    const hash = opened.view?.hash ?? "";
    expect(await update(hash)).toBeUndefined();
    expect((await update(hash))?.error).toBe("hash_conflict");
    await act.closeView({ userId: "U0OLIVIA", viewId: id });
    expect((await update(hash))?.error).toBe("not_found");
  });

  it("offers what the app suggests, and takes nothing else", async () => {
    const picked: unknown[] = [];
    await using pair = await startPair((app) => {
      app.command("/rotate", async ({ ack, command, client }) => {
        await ack();
        const element = { type: "external_select" as const, action_id: "secret", min_query_length: 0 };
        const view = modal({
          callback_id: "request",
          submit: text(3),
          notify_on_close: true,
          blocks: [{ type: "input", block_id: "secret", label: text(3), element }],
        });
        await client.views.open({ trigger_id: command.trigger_id, view });
      });
      app.options("secret", async ({ ack, options }) => {
        const found = ["redis", "postgres"].filter((name) => name.startsWith(options.value));
        await ack({ options: found.map((value) => ({ text: { type: "plain_text", text: value }, value })) });
      });
      app.view("request", async ({ ack, view }) => {
        picked.push(view.state.values["secret"]?.["secret"]?.selected_option?.value);
        await ack();
      });
    });
    const { act, inspect } = pair.workspace;
    await act.slash(rotate);
    const view = await inspect.waitFor(() => act.openViewsOf("U0OLIVIA").at(-1));
    const at = { userId: "U0OLIVIA", viewId: view.id };
    const offered = await act.suggest({ ...at, actionId: "secret", text: "re" });
    expect(offered.options?.map(({ value }) => value)).toEqual(["redis"]);
    await expect(act.submitView({ ...at, values: { secret: "oracle" } })).rejects.toThrow("no option oracle there");
    await act.submitView({ ...at, values: { secret: "redis" } });
    expect(picked).toEqual(["redis"]);
  });

  it("of the Home tab is published for one person, with hash_conflict for the late one", async () => {
    await using pair = await startPair();
    const { client } = pair.app;
    const view = { type: "home" as const, blocks: [{ type: "header" as const, text: text(5) }] };
    const first = await client.views.publish({ user_id: "U0ADA", view });
    const hash = first.view?.hash ?? "";
    await client.views.publish({ user_id: "U0ADA", view, hash });
    expect((await refusal(client.views.publish({ user_id: "U0ADA", view, hash })))?.error).toBe("hash_conflict");
    expect(pair.workspace.inspect.home("U0LIN")).toBeUndefined();
  });
});
