import { z } from "zod";
import { ApiError } from "../api-error.ts";
import { messageBlocks, updatedText } from "../content.ts";
import type { JsonObject } from "../json.ts";
import { notifiedBy } from "../mentions.ts";
import { messageJson } from "../message-json.ts";
import { type Channel, findMessage, type Message } from "../world.ts";
import { visibleChannel, writableChannel } from "./channel.ts";
import { metadataArg } from "./chat-post.ts";
import { type ApiContext, method, nested } from "./method.ts";

const address = { channel: z.string().min(1), ts: z.string().min(1) };

export const update = method({
  name: "chat.update",
  scopes: ["chat:write"],
  tier: 3,
  args: z.object({
    ...address,
    text: z.string().optional(),
    blocks: z.json().optional(),
    metadata: z.json().optional(),
  }),
  run(context, args) {
    const { world } = context;
    const [channel, message] = own(context, args, "cant_update_message");
    const blocks = messageBlocks(nested(args.blocks, "invalid_blocks_format"), context.faultState);
    const text = args.text === undefined ? undefined : updatedText(args.text);
    if (text === undefined && blocks === undefined) throw new ApiError("no_text");
    if (blocks !== undefined && isRich(message.blocks) && !isRich(blocks)) throw new ApiError("block_mismatch");
    const metadata = metadataArg(nested(args.metadata, "invalid_metadata_format"));
    message.text = text ?? "";
    if (blocks !== undefined) message.blocks = blocks;
    if (metadata !== undefined) setMetadata(message, metadata);
    message.editedAt = world.nextTs();
    message.notifies = notifiedBy(world, channel.id, message.text, message.blocks);
    return { channel: channel.id, ts: message.ts, text: message.text, message: messageJson(world, message) };
  },
});

export const remove = method({
  name: "chat.delete",
  scopes: ["chat:write"],
  tier: 3,
  args: z.object(address),
  run(context, args) {
    const [channel, message] = own(context, args, "cant_delete_message");
    context.world.messages.splice(context.world.messages.indexOf(message), 1);
    return { channel: channel.id, ts: message.ts };
  },
});

export const getPermalink = method({
  name: "chat.getPermalink",
  scopes: [],
  tier: "special",
  args: z.object({ channel: z.string().min(1), message_ts: z.string().min(1) }),
  run(context, args) {
    const channel = visibleChannel(context, args.channel);
    const message = findMessage(context.world, channel.id, args.message_ts);
    if (message === undefined) throw new ApiError("message_not_found");
    const thread = message.threadTs === undefined ? "" : `?thread_ts=${message.threadTs}&cid=${channel.id}`;
    const permalink = `${context.url}/archives/${channel.id}/p${message.ts.replace(".", "")}${thread}`;
    return { channel: channel.id, permalink };
  },
});

/** The app's own message at this address; people's messages give `refusal`, ephemeral ones are never found. */
function own(context: ApiContext, args: { channel: string; ts: string }, refusal: string): [Channel, Message] {
  const channel = writableChannel(context, args.channel);
  const message = findMessage(context.world, channel.id, args.ts);
  if (message === undefined) throw new ApiError("message_not_found");
  if (message.botId !== context.world.app.botId) throw new ApiError(refusal);
  return [channel, message];
}

/** Leaving metadata out keeps it, `{}` clears it. */
function setMetadata(message: Message, metadata: JsonObject): void {
  if (Object.keys(metadata).length === 0) delete message.metadata;
  else message.metadata = metadata;
}

function isRich(blocks: readonly JsonObject[]): boolean {
  return blocks.length > 0 && blocks.every((block) => block["type"] === "rich_text");
}
