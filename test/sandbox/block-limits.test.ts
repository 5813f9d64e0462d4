import type { KnownBlock } from "@slack/types";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Pair, refusal, startPair } from "./app.ts";

const channel = "C0SUPPORT";
let pair: Pair;

beforeAll(async () => {
  pair = await startPair();
});
afterAll(() => pair[Symbol.asyncDispose]());

const plain = (length: number) => ({ type: "plain_text" as const, text: "x".repeat(length) });
const mrkdwn = (length: number) => ({ type: "mrkdwn" as const, text: "x".repeat(length) });
const rich = (text: string) => ({
  type: "rich_text" as const,
  elements: [{ type: "rich_text_section" as const, elements: [{ type: "text" as const, text }] }],
});
const button = (more: object = {}) => ({ type: "button" as const, text: plain(5), action_id: "go", ...more });
const actions = (elements: object[]) => ({ type: "actions", elements });
const row = (cells: number) => Array.from({ length: cells }, () => ({ type: "raw_text", text: "c" }));
const task = (more: object = {}) => ({ type: "task_card", task_id: "t", title: "Issue", status: "complete", ...more });
const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

const refused: [string, object[], string][] = [
  [
    "a header of 151 characters",
    [{ type: "header", text: plain(151) }],
    "must be less than 151 characters [json-pointer:/blocks/0/text/text]",
  ],
  [
    "a header in mrkdwn",
    [{ type: "header", text: mrkdwn(5) }],
    "must be a valid enum value [json-pointer:/blocks/0/text/type]",
  ],
  [
    "a section of 3001 characters",
    [{ type: "section", text: mrkdwn(3001) }],
    "must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
  ],
  [
    "an empty text",
    [{ type: "section", text: mrkdwn(0) }],
    "must be more than 0 characters [json-pointer:/blocks/0/text/text]",
  ],
  ["a section without text", [{ type: "section" }], "missing required field: text [json-pointer:/blocks/0]"],
  [
    "11 fields",
    [{ type: "section", fields: many(11, () => mrkdwn(3)) }],
    "no more than 10 items allowed [json-pointer:/blocks/0/fields]",
  ],
  [
    "a field of 2001 characters",
    [{ type: "section", fields: [mrkdwn(2001)] }],
    "must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]",
  ],
  [
    "11 context elements",
    [{ type: "context", elements: many(11, () => mrkdwn(3)) }],
    "no more than 10 items allowed [json-pointer:/blocks/0/elements]",
  ],
  [
    "26 buttons",
    [actions(many(26, (n) => button({ action_id: `b${n}` })))],
    "no more than 25 items allowed [json-pointer:/blocks/0/elements]",
  ],
  [
    "a button text of 76 characters",
    [actions([button({ text: plain(76) })])],
    "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]",
  ],
  [
    "a button value of 2001 characters",
    [actions([button({ value: "v".repeat(2001) })])],
    "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]",
  ],
  [
    "an unknown button style",
    [actions([button({ style: "warning" })])],
    "must be a valid enum value [json-pointer:/blocks/0/elements/0/style]",
  ],
  [
    "a confirm title of 101 characters",
    [actions([button({ confirm: { title: plain(101), text: plain(1) } })])],
    "must be less than 101 characters [json-pointer:/blocks/0/elements/0/confirm/title/text]",
  ],
  [
    "a confirm text of 301 characters",
    [actions([button({ confirm: { text: mrkdwn(301) } })])],
    "must be less than 301 characters [json-pointer:/blocks/0/elements/0/confirm/text/text]",
  ],
  [
    "a confirm button of 31 characters",
    [actions([button({ confirm: { text: plain(1), confirm: plain(31) } })])],
    "must be less than 31 characters [json-pointer:/blocks/0/elements/0/confirm/confirm/text]",
  ],
  [
    "an action_id of 256 characters",
    [actions([button({ action_id: "a".repeat(256) })])],
    "must be less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]",
  ],
  [
    "a block_id of 256 characters",
    [{ type: "divider", block_id: "b".repeat(256) }],
    "must be less than 256 characters [json-pointer:/blocks/0/block_id]",
  ],
  [
    "a block_id used twice",
    many(2, () => ({ type: "divider", block_id: "same" })),
    '`block_id` "same" already exists [json-pointer:/blocks/1/block_id]',
  ],
  [
    "an action_id twice in one block",
    [actions([button(), button()])],
    '`action_id` "go" already exists [json-pointer:/blocks/0/elements/1/action_id]',
  ],
  [
    "an option value of 151 characters",
    [actions([{ type: "static_select", options: [{ text: plain(1), value: "v".repeat(151) }] }])],
    "must be less than 151 characters [json-pointer:/blocks/0/elements/0/options/0/value]",
  ],
  [
    "101 options",
    [actions([{ type: "static_select", options: many(101, (n) => ({ text: plain(1), value: `${n}` })) }])],
    "no more than 100 items allowed [json-pointer:/blocks/0/elements/0/options]",
  ],
  [
    "6 entries in an overflow menu",
    [actions([{ type: "overflow", options: many(6, (n) => ({ text: plain(1), value: `${n}` })) }])],
    "no more than 5 items allowed [json-pointer:/blocks/0/elements/0/options]",
  ],
  ["51 blocks", many(51, () => ({ type: "divider" })), "no more than 50 items allowed [json-pointer:/blocks]"],
  ["an unknown block", [{ type: "banner" }], "unsupported type: banner [json-pointer:/blocks/0/type]"],
  [
    "an unknown property",
    [{ type: "divider", colour: "red" }],
    "invalid additional property: colour [json-pointer:/blocks/0]",
  ],
  [
    "an alert outside a modal",
    [{ type: "alert", text: mrkdwn(5) }],
    "unsupported type: alert [json-pointer:/blocks/0/type]",
  ],
  [
    "a task status that does not exist",
    [{ type: "plan", title: "p", tasks: [task({ status: "skipped" })] }],
    "must be a valid enum value [json-pointer:/blocks/0/tasks/0/status]",
  ],
  [
    "a button inside a task",
    [{ type: "plan", title: "p", tasks: [task({ actions: [button()] })] }],
    "invalid additional property: actions [json-pointer:/blocks/0/tasks/0]",
  ],
  [
    "plain strings as task output",
    [{ type: "plan", title: "p", tasks: [task({ output: "done" })] }],
    "must provide an object [json-pointer:/blocks/0/tasks/0/output]",
  ],
  [
    "a plan inside a container",
    [{ type: "container", child_blocks: [{ type: "plan", title: "p" }] }],
    "unsupported type: plan [json-pointer:/blocks/0/child_blocks/0/type]",
  ],
  [
    "11 blocks in a container",
    [{ type: "container", child_blocks: many(11, () => ({ type: "divider" })) }],
    "no more than 10 items allowed [json-pointer:/blocks/0/child_blocks]",
  ],
  [
    "two tables",
    many(2, () => ({ type: "table", rows: [row(1)] })),
    "only one table is allowed per message [json-pointer:/blocks/1]",
  ],
  [
    "a table of 101 rows",
    [{ type: "table", rows: many(101, () => row(1)) }],
    "no more than 100 items allowed [json-pointer:/blocks/0/rows]",
  ],
  [
    "a table of 21 columns",
    [{ type: "table", rows: [row(21)] }],
    "no more than 20 items allowed [json-pointer:/blocks/0/rows/0]",
  ],
  [
    "null in column_settings",
    [{ type: "table", rows: [row(1)], column_settings: [null] }],
    "must provide an object [json-pointer:/blocks/0/column_settings/0]",
  ],
  [
    "markdown of more than 12000 characters together",
    many(2, () => ({ type: "markdown", text: "m".repeat(6001) })),
    "markdown blocks must be less than 12001 characters together [json-pointer:/blocks]",
  ],
  [
    "a card with 4 buttons",
    [{ type: "card", title: mrkdwn(3), actions: many(4, (n) => button({ action_id: `b${n}` })) }],
    "no more than 3 items allowed [json-pointer:/blocks/0/actions]",
  ],
  [
    "a number input in a message",
    [{ type: "input", label: plain(3), element: { type: "number_input", is_decimal_allowed: false } }],
    "unsupported type: number_input [json-pointer:/blocks/0/element/type]",
  ],
];

const accepted: KnownBlock[] = [
  { type: "header", text: plain(150) },
  { type: "section", text: mrkdwn(3000), accessory: button({ value: "v".repeat(2000), action_id: "side" }) },
  { type: "section", fields: many(10, () => mrkdwn(30)) },
  {
    type: "plan",
    block_id: "plan_7",
    title: "Rotating redis prod",
    tasks: [
      { type: "task_card", task_id: "a", title: "Issue", status: "complete", output: rich("done") },
      {
        type: "task_card",
        task_id: "b",
        title: "Verify",
        status: "in_progress",
        details: rich("2 of 3"),
        sources: [{ type: "url", url: "https://ops.example.com/r/1", text: "log" }],
      },
      { type: "task_card", task_id: "c", title: "Retire", status: "pending" },
      { type: "task_card", task_id: "d", title: "Prove", status: "error" },
    ],
  },
  {
    type: "container",
    title: plain(20),
    subtitle: mrkdwn(10),
    width: "standard",
    is_collapsible: true,
    default_collapsed: true,
    child_blocks: [
      {
        type: "table",
        column_settings: [{ align: "left", is_wrapped: true }, { align: "right" }],
        rows: [
          [
            { type: "raw_text", text: "Probe" },
            { type: "raw_text", text: "ms" },
          ],
          [
            { type: "raw_text", text: "PING" },
            { type: "raw_number", value: 4, text: "4" },
          ],
        ],
      },
    ],
  },
  { type: "card", title: mrkdwn(10), body: mrkdwn(200), actions: [button({ action_id: "card" })] },
  { type: "context", elements: many(10, () => mrkdwn(5)) },
  { type: "actions", elements: many(25, (n) => button({ action_id: `a${n}` })) },
];

describe("blocks of a message", () => {
  it.each(refused)("are refused with a JSON pointer: %s", async (_name, blocks, problem) => {
    const { client } = pair.app;
    const posted = await refusal(client.apiCall("chat.postMessage", { channel, text: "t", blocks }));
    expect(posted).toEqual({ error: "invalid_blocks", messages: [`[ERROR] ${problem}`] });
  });

  it("are accepted at exactly their limits", async () => {
    const posted = await pair.app.client.chat.postMessage({ channel, text: "t", blocks: accepted });
    expect(posted.ok).toBe(true);
  });

  it("are checked in the same way on an update and in an ephemeral message", async () => {
    const { client } = pair.app;
    const { ts } = await client.chat.postMessage({ channel, text: "t" });
    const blocks = [{ type: "header", text: plain(151) }];
    const updated = await refusal(client.apiCall("chat.update", { channel, ts, text: "t", blocks }));
    const whispered = await refusal(
      client.apiCall("chat.postEphemeral", { channel, user: "U0ADA", text: "t", blocks }),
    );
    expect([updated?.error, whispered?.error]).toEqual(["invalid_blocks", "invalid_blocks"]);
  });

  it("get a random block_id and action_id when the app gave none", async () => {
    const blocks = [actions([{ type: "button", text: plain(3) }])];
    const posted = await pair.app.client.apiCall("chat.postMessage", { channel, text: "t", blocks });
    expect(posted).toMatchObject({
      message: { blocks: [{ block_id: expect.any(String), elements: [{ action_id: expect.any(String) }] }] },
    });
  });

  it("that are no array of objects are refused as a format", async () => {
    const call = pair.app.client.apiCall("chat.postMessage", { channel, text: "t", blocks: "[not json" });
    expect((await refusal(call))?.error).toBe("invalid_blocks_format");
  });

  it("may not be too long together", async () => {
    const blocks = many(5, () => ({ type: "section", text: mrkdwn(3000) }));
    const call = pair.app.client.apiCall("chat.postMessage", { channel, text: "t", blocks });
    expect((await refusal(call))?.error).toBe("msg_blocks_too_long");
  });

  it("of rich text may not become other blocks", async () => {
    const { client } = pair.app;
    const { ts } = await client.chat.postMessage({ channel, text: "t", blocks: [rich("hello")] });
    const update = client.apiCall("chat.update", { channel, ts, text: "t", blocks: [{ type: "divider" }] });
    expect((await refusal(update))?.error).toBe("block_mismatch");
  });
});
