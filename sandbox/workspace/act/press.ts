import { z } from "zod";
import { elementsOf, type Found } from "../blocks/ids.ts";
import { newHook } from "../hooks.ts";
import { compact, type Json, type JsonObject, JsonObjectSchema, stringAt } from "../json.ts";
import { messageJson } from "../message-json.ts";
import { issueTrigger } from "../triggers.ts";
import { viewJson } from "../views.ts";
import { channelName, findMessage, type Message } from "../world.ts";
import { type ActResult, channelOf, interact, interactionBase, type Stage, viewBlocks } from "./stage.ts";
import { elementState, stateOf } from "./values.ts";

const what = { actionId: z.string(), blockId: z.string().optional(), value: z.string().optional() };

export const Press = z.strictObject({ userId: z.string(), channelId: z.string(), ts: z.string(), ...what });
export const PressInView = z.strictObject({
  userId: z.string(),
  viewId: z.string(),
  values: JsonObjectSchema.optional(),
  ...what,
});

/** `seen`: the message as this user still sees it, to press what the app has meanwhile removed. */
export type PressInput = z.infer<typeof Press> & { readonly seen?: Message };

/**
 * A person presses a button, or picks the option `value` of a select or a menu, in a message. Rejects when that
 * element is not there, or the message is not visible to this user.
 */
export async function press(stage: Stage, input: PressInput): Promise<ActResult> {
  const { world, url } = stage;
  const { userId, channelId, ts } = input;
  const channel = channelOf(stage, userId, channelId);
  const message = input.seen ?? visible(stage, userId, channelId, ts);
  if (message === undefined) throw new Error(`no message ${ts} in #${channel.name} that ${userId} can see`);
  const found = pick(message.blocks, input);
  const action = actionJson(found, input.value, world.nextTs(), stage.offered.get(offerKey(ts, found)));
  if (found.element["type"] !== "button") remember(message, found, action);
  const ephemeral = message.ephemeralTo !== undefined;
  const thread = message.threadTs === undefined ? {} : { threadTs: message.threadTs };
  const payload = compact({
    type: "block_actions",
    ...interactionBase(stage, userId),
    container: compact({
      type: "message",
      message_ts: ts,
      channel_id: channelId,
      is_ephemeral: ephemeral,
      thread_ts: message.threadTs,
    }),
    trigger_id: issueTrigger(world, userId),
    channel: { id: channelId, name: channelName(channel) },
    message: ephemeral ? undefined : messageJson(world, message),
    state: { values: message.state },
    response_url: newHook(world, url, { userId, channelId, originalTs: ts, ...thread }),
    actions: [action],
  });
  return interact(stage, userId, { type: "interactive", payload });
}

/** The same in an open modal; `values` are what its inputs hold at that moment. */
export async function pressInView(stage: Stage, input: z.infer<typeof PressInView>): Promise<ActResult> {
  const { world } = stage;
  const { userId, viewId } = input;
  const home = world.homes.get(userId);
  const view = home?.id === viewId ? home : (world.views.get(userId) ?? []).find(({ id }) => id === viewId);
  if (view === undefined) throw new Error(`${userId} has no open view ${viewId}`);
  const found = pick(viewBlocks(view), input);
  const values = stateOf(viewBlocks(view), input.values ?? {}, (one) => stage.offered.get(offerKey(viewId, one)) ?? []);
  const payload = {
    type: "block_actions",
    ...interactionBase(stage, userId),
    container: { type: "view", view_id: viewId },
    trigger_id: issueTrigger(world, userId, viewId),
    view: viewJson(world, view, values),
    actions: [actionJson(found, input.value, world.nextTs(), stage.offered.get(offerKey(viewId, found)))],
  };
  return interact(stage, userId, { type: "interactive", payload });
}

/** Key of what an external select offered: where it stands, its block, its action. */
export function offerKey(place: string, { blockId, element }: Found): string {
  return `${place} ${blockId} ${stringAt(element, "action_id") ?? ""}`;
}

/** The element that an action means; rejects when none, or several different ones, fit. */
export function pick(
  blocks: readonly JsonObject[],
  input: { actionId: string; blockId?: string | undefined; value?: string | undefined },
): Found {
  const fitting = elementsOf(blocks).filter(({ blockId, element }) => {
    if (element["action_id"] !== input.actionId) return false;
    if (input.blockId !== undefined && input.blockId !== blockId) return false;
    return element["type"] !== "button" || input.value === undefined || element["value"] === input.value;
  });
  const [found] = fitting;
  if (found === undefined) throw new Error(`no element ${input.actionId} there`);
  if (fitting.length > 1) throw new Error(`${fitting.length} elements ${input.actionId} there: say blockId or value`);
  return found;
}

function visible({ world }: Stage, userId: string, channelId: string, ts: string): Message | undefined {
  const own = world.ephemerals.find((m) => m.channelId === channelId && m.ts === ts && m.ephemeralTo === userId);
  return own ?? findMessage(world, channelId, ts);
}

function actionJson(
  found: Found,
  value: string | undefined,
  ts: string,
  offered: readonly JsonObject[] = [],
): JsonObject {
  const { element, blockId } = found;
  const base = {
    type: element["type"] ?? null,
    action_id: element["action_id"] ?? null,
    block_id: blockId,
    action_ts: ts,
  };
  if (element["type"] === "button") {
    const { text, value: own, style, confirm, url } = element;
    return compact({ ...base, text, value: own, style, confirm, url });
  }
  if (value === undefined) throw new Error("say which value is picked");
  const picked: Json = /^multi_|^checkboxes$/.test(stringAt(element, "type") ?? "") ? value.split(",") : value;
  return { ...base, ...elementState(element, picked, offered) };
}

function remember(message: Message, { blockId, element }: Found, action: JsonObject): void {
  const { action_ts: _ts, block_id: _block, action_id: actionId, ...state } = action;
  if (typeof actionId !== "string" || element["type"] === "overflow") return;
  message.state[blockId] = { ...message.state[blockId], [actionId]: state };
}
