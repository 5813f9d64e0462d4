import { randomUUID } from "node:crypto";
import { z } from "zod";
import { compact, type JsonObject } from "../json.ts";
import { notifiedBy, typedText } from "../mentions.ts";
import { findMessage, type Message } from "../world.ts";
import { sendEvent } from "./events.ts";
import { type ActResult, channelOf, type Stage } from "./stage.ts";

export const Say = z.strictObject({
  userId: z.string(),
  channelId: z.string(),
  threadTs: z.string().optional(),
  text: z.string().min(1),
});

/**
 * A person writes a message, in a channel or a thread. When it mentions the app, and the app is in the channel and
 * subscribed, an `app_mention` event follows.
 */
export async function say(stage: Stage, input: z.infer<typeof Say>): Promise<ActResult> {
  const { world } = stage;
  const { userId, channelId } = input;
  const channel = channelOf(stage, userId, channelId);
  const parent = input.threadTs === undefined ? undefined : findMessage(world, channelId, input.threadTs);
  if (input.threadTs !== undefined && parent === undefined) throw new Error(`no message ${input.threadTs}`);
  const threadTs = parent?.threadTs ?? parent?.ts;
  const text = typedText(world, input.text, false);
  const message: Message = {
    ts: world.nextTs(),
    channelId,
    userId,
    text,
    blocks: [],
    ...(threadTs === undefined ? {} : { threadTs }),
    reactions: [],
    state: {},
    notifies: notifiedBy(world, channelId, text, []),
  };
  world.messages.push(message);
  world.changed();
  const seen = { ephemerals: [], views: world.views.get(userId) ?? [], ts: message.ts };
  if (!text.includes(`<@${world.app.userId}>`)) return { acked: true, ...seen };
  if (!channel.members.has(world.app.userId)) {
    return { acked: false, notice: `${world.app.name} is not in this channel`, ...seen };
  }
  return { ...seen, ...(await sendEvent(stage, mentionEvent(stage, message))) };
}

/** A message that begins by mentioning the app, unless its text already does somewhere. */
export function mention(stage: Stage, input: z.infer<typeof Say>): Promise<ActResult> {
  const { app, users } = stage.world;
  const named =
    input.text.includes(`<@${app.userId}`) || input.text.includes(`@${users.get(app.userId)?.handle ?? ""}`);
  return say(stage, named ? input : { ...input, text: `<@${app.userId}> ${input.text}` });
}

function mentionEvent({ world }: Stage, message: Message): JsonObject {
  const user = world.users.get(message.userId);
  return compact({
    type: "app_mention",
    user: message.userId,
    user_team: user?.is_stranger === true ? "T0ELSEWHERE" : undefined,
    team: world.team.id,
    client_msg_id: randomUUID(),
    text: message.text,
    ts: message.ts,
    event_ts: message.ts,
    thread_ts: message.threadTs,
    channel: message.channelId,
  });
}
