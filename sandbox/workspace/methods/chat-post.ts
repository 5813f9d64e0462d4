import { z } from "zod";
import { ApiError } from "../api-error.ts";
import { messageBlocks, postedText } from "../content.ts";
import { isObject, type JsonObject, stringAt } from "../json.ts";
import { notifiedBy } from "../mentions.ts";
import { messageJson } from "../message-json.ts";
import { findMessage, type Message, type World } from "../world.ts";
import { writableChannel } from "./channel.ts";
import { type ApiContext, flag, method, nested } from "./method.ts";

const content = {
  channel: z.string().min(1),
  text: z.string().optional(),
  blocks: z.json().optional(),
  thread_ts: z.string().optional(),
};

export const postMessage = method({
  name: "chat.postMessage",
  scopes: ["chat:write"],
  tier: "special",
  args: z.object({ ...content, metadata: z.json().optional(), reply_broadcast: flag.optional() }),
  run(context, args) {
    const channel = writableChannel(context, args.channel);
    const message = appMessage(context, channel.id, args);
    const metadata = metadataArg(nested(args.metadata, "invalid_metadata_format"));
    if (metadata !== undefined) message.metadata = metadata;
    context.world.messages.push(message);
    return { channel: channel.id, ts: message.ts, message: messageJson(context.world, message) };
  },
});

export const postEphemeral = method({
  name: "chat.postEphemeral",
  scopes: ["chat:write"],
  tier: 4,
  args: z.object({ ...content, user: z.string().min(1) }),
  run(context, args) {
    const channel = writableChannel(context, args.channel);
    if (!channel.members.has(args.user)) throw new ApiError("user_not_in_channel");
    const message = { ...appMessage(context, channel.id, args), ephemeralTo: args.user };
    context.world.ephemerals.push(message);
    return { message_ts: message.ts };
  },
});

/** `{ event_type, event_payload }`; `{}` clears, which `chat.update` uses. */
export function metadataArg(value: unknown): JsonObject | undefined {
  if (value === undefined || value === null) return undefined;
  const parsed = z.record(z.string(), z.json()).safeParse(value);
  if (!parsed.success) throw new ApiError("invalid_metadata_format");
  if (Object.keys(parsed.data).length === 0) return {};
  if (stringAt(parsed.data, "event_type") === undefined || !isObject(parsed.data["event_payload"])) {
    throw new ApiError("invalid_metadata_schema");
  }
  return parsed.data;
}

/** The text and blocks of a call, checked; `no_text` when both are missing. */
function appMessage(context: ApiContext, channelId: string, args: ContentArgs): Message {
  const blocks = messageBlocks(nested(args.blocks, "invalid_blocks_format"), context.faultState) ?? [];
  const text = postedText(args.text ?? "");
  if (text.length === 0 && blocks.length === 0) throw new ApiError("no_text");
  const { world } = context;
  const parent = threadParent(world, channelId, args.thread_ts);
  return {
    ts: world.nextTs(),
    channelId,
    userId: world.app.userId,
    botId: world.app.botId,
    text,
    blocks,
    ...(parent === undefined ? {} : { threadTs: parent }),
    reactions: [],
    state: {},
    notifies: notifiedBy(world, channelId, text, blocks),
  };
}

type ContentArgs = z.infer<z.ZodObject<typeof content>>;

/** The thread's root for a thread_ts, which may also be the ts of a reply; `thread_not_found` when it is neither. */
function threadParent(world: World, channelId: string, threadTs: string | undefined): string | undefined {
  if (threadTs === undefined || threadTs === "") return undefined;
  const found = findMessage(world, channelId, threadTs);
  if (found === undefined) throw new ApiError("thread_not_found");
  return found.threadTs ?? found.ts;
}
