import { ApiError } from "../api-error.ts";
import { messageBlocks, postedText } from "../content.ts";
import type { FaultState } from "../faults.ts";
import { at, type Json, stringAt } from "../json.ts";
import { notifiedBy } from "../mentions.ts";
import type { Message, World } from "../world.ts";

export interface Place {
  readonly channelId: string;
  readonly userId: string;
  readonly threadTs?: string;
}

/**
 * A message that the app sends as an acknowledgement or through a response_url: it needs no membership, and is
 * ephemeral unless `response_type` is `in_channel`.
 * @throws ApiError `no_text`, `invalid_blocks`, ...
 */
export function answerMessage(world: World, faultState: FaultState, place: Place, body: Json): Message {
  const blocks = messageBlocks(at(body, "blocks"), faultState) ?? [];
  const text = postedText(stringAt(body, "text") ?? "");
  if (text.length === 0 && blocks.length === 0) throw new ApiError("no_text");
  const threadTs = stringAt(body, "thread_ts") ?? place.threadTs;
  const inChannel = stringAt(body, "response_type") === "in_channel";
  return {
    ts: world.nextTs(),
    channelId: place.channelId,
    userId: world.app.userId,
    botId: world.app.botId,
    text,
    blocks,
    ...(threadTs === undefined ? {} : { threadTs }),
    reactions: [],
    state: {},
    ...(inChannel ? {} : { ephemeralTo: place.userId }),
    notifies: notifiedBy(world, place.channelId, text, blocks),
  };
}

/** Puts an answer where it belongs: the channel, or the list of ephemeral messages. */
export function storeAnswer(world: World, message: Message): void {
  if (message.ephemeralTo === undefined) world.messages.push(message);
  else world.ephemerals.push(message);
}
