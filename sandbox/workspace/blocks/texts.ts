import { z } from "zod";

/** Composition objects of Block Kit with their limits (docs.slack.dev, reference/block-kit/composition-objects). */

export function plainText(maxChars: number) {
  return z.strictObject({
    type: z.literal("plain_text"),
    text: z.string().min(1).max(maxChars),
    emoji: z.boolean().optional(),
  });
}

export function mrkdwnText(maxChars: number) {
  return z.strictObject({
    type: z.literal("mrkdwn"),
    text: z.string().min(1).max(maxChars),
    verbatim: z.boolean().optional(),
  });
}

export function anyText(maxChars: number) {
  return z.discriminatedUnion("type", [plainText(maxChars), mrkdwnText(maxChars)]);
}

export const id255 = z.string().min(1).max(255);
export const httpUrl = z
  .string()
  .max(3000)
  .regex(/^https?:\/\//);

export const confirmDialog = z.strictObject({
  title: plainText(100).optional(),
  text: anyText(300),
  confirm: plainText(30).optional(),
  deny: plainText(30).optional(),
  style: z.enum(["primary", "danger"]).optional(),
});

/** `rich` options (checkboxes, radio buttons) may use mrkdwn. */
export function option(rich: boolean) {
  return z.strictObject({
    text: rich ? anyText(75) : plainText(75),
    value: z.string().min(1).max(150),
    description: rich ? anyText(75).optional() : plainText(75).optional(),
    url: httpUrl.optional(),
  });
}

export const optionGroup = z.strictObject({ label: plainText(75), options: z.array(option(false)).min(1).max(100) });

export const imageElement = z
  .strictObject({
    type: z.literal("image"),
    alt_text: z.string().min(1).max(2000),
    image_url: httpUrl.optional(),
    slack_file: z.strictObject({ id: z.string().optional(), url: z.string().optional() }).optional(),
  })
  .refine((image) => (image.image_url === undefined) !== (image.slack_file === undefined), {
    message: "must have exactly one of image_url and slack_file",
  });
