import { z } from "zod";
import { confirmDialog, httpUrl, id255, imageElement, option, optionGroup, plainText } from "./texts.ts";

/** Interactive elements and where each may stand (docs.slack.dev, reference/block-kit/block-elements). */

const actionable = { action_id: id255.optional() };
const confirmable = { confirm: confirmDialog.optional() };
const focusable = { focus_on_load: z.boolean().optional() };
const placeholdable = { placeholder: plainText(150).optional() };
const dispatchable = {
  dispatch_action_config: z
    .strictObject({ trigger_actions_on: z.array(z.enum(["on_enter_pressed", "on_character_entered"])).optional() })
    .optional(),
};
const picking = { ...actionable, ...confirmable, ...focusable, ...placeholdable };
const limited = { ...picking, max_selected_items: z.int().min(1).optional() };
const answering = { response_url_enabled: z.boolean().optional() };
const oneOf = (lists: { options?: unknown; option_groups?: unknown }) =>
  (lists.options === undefined) !== (lists.option_groups === undefined);
const oneOfMessage = { message: "must have exactly one of options and option_groups" };

export const button = z.strictObject({
  type: z.literal("button"),
  ...actionable,
  ...confirmable,
  text: plainText(75),
  value: z.string().max(2000).optional(),
  url: httpUrl.optional(),
  style: z.enum(["primary", "danger"]).optional(),
  accessibility_label: z.string().max(75).optional(),
});

const overflow = z.strictObject({
  type: z.literal("overflow"),
  ...actionable,
  ...confirmable,
  options: z.array(option(false)).min(1).max(5),
});

const staticSelect = z
  .strictObject({
    type: z.literal("static_select"),
    ...picking,
    options: z.array(option(false)).min(1).max(100).optional(),
    option_groups: z.array(optionGroup).min(1).max(100).optional(),
    initial_option: option(false).optional(),
  })
  .refine(oneOf, oneOfMessage);

const externalSelect = z.strictObject({
  type: z.literal("external_select"),
  ...picking,
  initial_option: option(false).optional(),
  min_query_length: z.int().min(0).optional(),
});
const usersSelect = z.strictObject({
  type: z.literal("users_select"),
  ...picking,
  initial_user: z.string().optional(),
});
const conversationsSelect = z.strictObject({
  type: z.literal("conversations_select"),
  ...picking,
  ...answering,
  initial_conversation: z.string().optional(),
  default_to_current_conversation: z.boolean().optional(),
  filter: z.record(z.string(), z.json()).optional(),
});
const channelsSelect = z.strictObject({
  type: z.literal("channels_select"),
  ...picking,
  ...answering,
  initial_channel: z.string().optional(),
});
const multiStaticSelect = z
  .strictObject({
    type: z.literal("multi_static_select"),
    ...limited,
    options: z.array(option(false)).min(1).max(100).optional(),
    option_groups: z.array(optionGroup).min(1).max(100).optional(),
    initial_options: z.array(option(false)).optional(),
  })
  .refine(oneOf, oneOfMessage);
const multiUsersSelect = z.strictObject({
  type: z.literal("multi_users_select"),
  ...limited,
  initial_users: z.array(z.string()).optional(),
});

const checkboxes = z.strictObject({
  type: z.literal("checkboxes"),
  ...actionable,
  ...confirmable,
  ...focusable,
  options: z.array(option(true)).min(1).max(10),
  initial_options: z.array(option(true)).optional(),
});
const radioButtons = z.strictObject({
  type: z.literal("radio_buttons"),
  ...actionable,
  ...confirmable,
  ...focusable,
  options: z.array(option(true)).min(1).max(10),
  initial_option: option(true).optional(),
});
const datepicker = z.strictObject({
  type: z.literal("datepicker"),
  ...picking,
  initial_date: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}$/)
    .optional(),
});
const timepicker = z.strictObject({
  type: z.literal("timepicker"),
  ...picking,
  initial_time: z
    .string()
    .regex(/^\d{2}:\d{2}$/)
    .optional(),
  timezone: z.string().optional(),
});
const datetimepicker = z.strictObject({
  type: z.literal("datetimepicker"),
  ...actionable,
  ...confirmable,
  ...focusable,
  initial_date_time: z.int().optional(),
});
const typing = { ...actionable, ...dispatchable, ...focusable, ...placeholdable };
const plainTextInput = z.strictObject({
  type: z.literal("plain_text_input"),
  ...typing,
  initial_value: z.string().max(3000).optional(),
  multiline: z.boolean().optional(),
  min_length: z.int().min(0).max(3000).optional(),
  max_length: z.int().min(1).max(3000).optional(),
});
const numberInput = z.strictObject({
  type: z.literal("number_input"),
  ...typing,
  is_decimal_allowed: z.boolean(),
  initial_value: z.string().optional(),
  min_value: z.string().optional(),
  max_value: z.string().optional(),
});
const emailInput = z.strictObject({
  type: z.literal("email_text_input"),
  ...typing,
  initial_value: z.string().optional(),
});
const urlInput = z.strictObject({ type: z.literal("url_text_input"), ...typing, initial_value: z.string().optional() });

const selects = [staticSelect, externalSelect, usersSelect, conversationsSelect, channelsSelect] as const;
const choosing = [...selects, checkboxes, radioButtons, datepicker, timepicker] as const;

/** In a section: no date-time picker; multi-selects are allowed. */
export const sectionAccessory = z.discriminatedUnion("type", [
  imageElement,
  button,
  overflow,
  ...choosing,
  multiStaticSelect,
  multiUsersSelect,
]);

/** In an actions block. `withDatetime`: not on the Home tab. */
export function actionsElement(withDatetime: boolean) {
  const everywhere = [button, overflow, ...choosing] as const;
  return withDatetime
    ? z.discriminatedUnion("type", [...everywhere, datetimepicker])
    : z.discriminatedUnion("type", [...everywhere]);
}

/** In an input block. Number, e-mail and URL inputs exist in modals only; a button never is an input. */
export function inputElement(surface: "message" | "modal" | "home") {
  const everywhere = [...choosing, plainTextInput, multiStaticSelect, multiUsersSelect] as const;
  if (surface === "home") return z.discriminatedUnion("type", [...everywhere]);
  if (surface === "message") return z.discriminatedUnion("type", [...everywhere, datetimepicker]);
  return z.discriminatedUnion("type", [...everywhere, datetimepicker, numberInput, emailInput, urlInput]);
}
