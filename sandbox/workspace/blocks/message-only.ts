import { z } from "zod";
import { commonBlocks } from "./layout.ts";
import { richText } from "./rich-text.ts";
import { anyText, httpUrl, id255, imageElement, plainText } from "./texts.ts";

const named = { block_id: id255.optional() };

const cell = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("raw_text"), text: z.string() }),
  z.strictObject({ type: z.literal("raw_number"), value: z.number(), text: z.string().optional() }),
  richText,
]);

const table = z.strictObject({
  type: z.literal("table"),
  ...named,
  column_settings: z
    .array(
      z.strictObject({
        align: z.enum(["left", "center", "right"]).optional(),
        is_wrapped: z.boolean().optional(),
      }),
    )
    .max(20)
    .optional(),
  rows: z.array(z.array(cell).min(1).max(20)).min(1).max(100),
});

/** Sources disagree on 101 or 201 rows: the stricter one. */
const dataTable = z.strictObject({
  type: z.literal("data_table"),
  ...named,
  caption: z.string().min(1),
  page_size: z.int().min(1).max(100).optional(),
  row_header_column_index: z.int().min(0).optional(),
  rows: z.array(z.array(cell).min(1).max(20)).min(2).max(101),
});

const taskCard = z.strictObject({
  type: z.literal("task_card"),
  ...named,
  task_id: z.string().min(1),
  title: z.string().min(1),
  status: z.enum(["pending", "in_progress", "complete", "error"]),
  details: richText.optional(),
  output: richText.optional(),
  sources: z.array(z.strictObject({ type: z.literal("url"), url: httpUrl, text: z.string() })).optional(),
});

const plan = z.strictObject({
  type: z.literal("plan"),
  ...named,
  title: z.string().min(1),
  tasks: z.array(taskCard).optional(),
});

/** The live validator's children; a plan, a card and another container are refused. */
const container = z.strictObject({
  type: z.literal("container"),
  ...named,
  title: plainText(150).optional(),
  rich_text_title: richText.optional(),
  subtitle: anyText(150).optional(),
  icon: imageElement.optional(),
  width: z.enum(["narrow", "standard", "wide", "full"]).optional(),
  is_collapsible: z.boolean().optional(),
  default_collapsed: z.boolean().optional(),
  has_header_divider: z.boolean().optional(),
  child_blocks: z
    .array(z.discriminatedUnion("type", [...commonBlocks("message"), table]))
    .min(1)
    .max(10),
});

const markdown = z.strictObject({ type: z.literal("markdown"), ...named, text: z.string().min(1).max(12_000) });

/** Blocks that Slack takes in messages and nowhere else. */
export const messageOnlyBlocks = [markdown, plan, taskCard, table, dataTable, container] as const;
