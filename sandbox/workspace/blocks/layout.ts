import { z } from "zod";
import { actionsElement, button, inputElement, sectionAccessory } from "./elements.ts";
import { richText } from "./rich-text.ts";
import { anyText, httpUrl, id255, imageElement, mrkdwnText, plainText } from "./texts.ts";

export type Surface = "message" | "modal" | "home";

const named = { block_id: id255.optional() };

/** Blocks that exist on every surface. */
export function commonBlocks(surface: Surface) {
  return [
    z.strictObject({ type: z.literal("header"), ...named, text: plainText(150) }),
    z
      .strictObject({
        type: z.literal("section"),
        ...named,
        text: anyText(3000).optional(),
        fields: z.array(anyText(2000)).min(1).max(10).optional(),
        accessory: sectionAccessory.optional(),
        expand: z.boolean().optional(),
      })
      .refine((s) => s.text !== undefined || s.fields !== undefined, { message: "missing required field: text" }),
    z.strictObject({
      type: z.literal("context"),
      ...named,
      elements: z
        .array(z.discriminatedUnion("type", [imageElement, plainText(3000), mrkdwnText(3000)]))
        .min(1)
        .max(10),
    }),
    z.strictObject({
      type: z.literal("actions"),
      ...named,
      elements: z
        .array(actionsElement(surface !== "home"))
        .min(1)
        .max(25),
    }),
    z.strictObject({ type: z.literal("divider"), ...named }),
    z.strictObject({
      type: z.literal("image"),
      ...named,
      alt_text: z.string().min(1).max(2000),
      title: plainText(2000).optional(),
      image_url: httpUrl.optional(),
      slack_file: z.json().optional(),
    }),
    richText,
    z.strictObject({
      type: z.literal("input"),
      ...named,
      label: plainText(2000),
      hint: plainText(2000).optional(),
      optional: z.boolean().optional(),
      dispatch_action: z.boolean().optional(),
      element: inputElement(surface),
    }),
  ] as const;
}

/** A card: messages and Home. Modals are disputed, so the stricter reading refuses it there. */
export const card = z.strictObject({
  type: z.literal("card"),
  ...named,
  hero_image: imageElement.optional(),
  icon: imageElement.optional(),
  title: mrkdwnText(150).optional(),
  subtitle: mrkdwnText(150).optional(),
  body: mrkdwnText(200).optional(),
  subtext: mrkdwnText(200).optional(),
  actions: z.array(button).min(1).max(3).optional(),
});

/** An alert: modals only (node-slack-sdk#2567, java-slack-sdk#1624). */
export const alert = z.strictObject({
  type: z.literal("alert"),
  ...named,
  text: anyText(200),
  level: z.enum(["default", "info", "warning", "error", "success"]).optional(),
});
