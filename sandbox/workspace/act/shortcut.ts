import { z } from "zod";
import { newHook } from "../hooks.ts";
import { messageJson } from "../message-json.ts";
import { issueTrigger } from "../triggers.ts";
import { channelName, findMessage } from "../world.ts";
import { type ActResult, channelOf, interact, interactionBase, type Stage } from "./stage.ts";

export const MessageShortcut = z.strictObject({
  userId: z.string(),
  channelId: z.string(),
  ts: z.string(),
  callbackId: z.string(),
});

export const GlobalShortcut = z.strictObject({ userId: z.string(), callbackId: z.string() });

/** A person picks the app's entry in a message's menu. Rejects when there is no such message or shortcut. */
export async function messageShortcut(stage: Stage, input: z.infer<typeof MessageShortcut>): Promise<ActResult> {
  const { world, url } = stage;
  const { userId, channelId, ts } = input;
  const channel = channelOf(stage, userId, channelId);
  const message = findMessage(world, channelId, ts);
  if (message === undefined) throw new Error(`no message ${ts} in #${channel.name}`);
  registered(stage, "message", input.callbackId);
  const payload = {
    type: "message_action",
    ...interactionBase(stage, userId),
    callback_id: input.callbackId,
    trigger_id: issueTrigger(world, userId),
    response_url: newHook(world, url, { userId, channelId, ...threadOf(message.threadTs) }),
    action_ts: world.nextTs(),
    channel: { id: channelId, name: channelName(channel) },
    message_ts: ts,
    message: messageJson(world, message),
  };
  return interact(stage, userId, { type: "interactive", payload });
}

/** A person picks the app's entry in the shortcuts menu, which knows no channel. */
export async function globalShortcut(stage: Stage, input: z.infer<typeof GlobalShortcut>): Promise<ActResult> {
  registered(stage, "global", input.callbackId);
  const payload = {
    type: "shortcut",
    ...interactionBase(stage, input.userId),
    callback_id: input.callbackId,
    trigger_id: issueTrigger(stage.world, input.userId),
    action_ts: stage.world.nextTs(),
  };
  return interact(stage, input.userId, { type: "interactive", payload });
}

function registered({ manifest }: Stage, type: "global" | "message", callbackId: string): void {
  const known = manifest.shortcuts.some((shortcut) => shortcut.type === type && shortcut.callbackId === callbackId);
  if (!known) throw new Error(`the app has no ${type} shortcut ${callbackId}`);
}

function threadOf(threadTs: string | undefined): { threadTs?: string } {
  return threadTs === undefined ? {} : { threadTs };
}
