import { z } from "zod";
import { httpUrl, id255 } from "./texts.ts";

const style = z
  .strictObject({
    bold: z.boolean().optional(),
    italic: z.boolean().optional(),
    strike: z.boolean().optional(),
    code: z.boolean().optional(),
    underline: z.boolean().optional(),
    highlight: z.boolean().optional(),
    client_highlight: z.boolean().optional(),
    unlink: z.boolean().optional(),
  })
  .optional();

const text = z.strictObject({ type: z.literal("text"), text: z.string().min(1), style });
const link = z.strictObject({
  type: z.literal("link"),
  url: httpUrl,
  text: z.string().optional(),
  unsafe: z.boolean().optional(),
  style,
});
const inline = z.discriminatedUnion("type", [
  text,
  link,
  z.strictObject({ type: z.literal("emoji"), name: z.string(), unicode: z.string().optional(), style }),
  z.strictObject({ type: z.literal("user"), user_id: z.string(), style }),
  z.strictObject({ type: z.literal("usergroup"), usergroup_id: z.string(), style }),
  z.strictObject({ type: z.literal("channel"), channel_id: z.string(), style }),
  z.strictObject({ type: z.literal("broadcast"), range: z.enum(["here", "channel", "everyone"]), style }),
  z.strictObject({
    type: z.literal("date"),
    timestamp: z.int(),
    format: z.string().min(1),
    url: httpUrl.optional(),
    fallback: z.string().optional(),
    style,
  }),
  z.strictObject({ type: z.literal("color"), value: z.string(), style }),
]);
const section = z.strictObject({ type: z.literal("rich_text_section"), elements: z.array(inline) });
const border = z.int().min(0).max(1).optional();

/** A rich_text block: the only block in which user text cannot be interpreted. */
export const richText = z.strictObject({
  type: z.literal("rich_text"),
  block_id: id255.optional(),
  elements: z
    .array(
      z.discriminatedUnion("type", [
        section,
        z.strictObject({
          type: z.literal("rich_text_list"),
          elements: z.array(section),
          style: z.enum(["bullet", "ordered"]),
          indent: z.int().min(0).max(8).optional(),
          offset: z.int().min(0).optional(),
          border,
        }),
        z.strictObject({
          type: z.literal("rich_text_preformatted"),
          elements: z.array(z.discriminatedUnion("type", [text, link])),
          border,
        }),
        z.strictObject({ type: z.literal("rich_text_quote"), elements: z.array(inline), border }),
      ]),
    )
    .min(1),
});
