import { z } from "zod";
import { ApiError } from "../api-error.ts";
import { messageJson } from "../message-json.ts";
import { findMessage, threadOf } from "../world.ts";
import { requireChannelScope, writableChannel } from "./channel.ts";
import { method, page, pageSize } from "./method.ts";

const scopes = ["channels:history", "groups:history", "im:history", "mpim:history"];
const paging = { limit: pageSize.optional(), cursor: z.string().optional() };

export const conversationsHistory = method({
  name: "conversations.history",
  scopes,
  tier: 3,
  args: z.object({ channel: z.string().min(1), ...paging }),
  run(context, args) {
    const { world } = context;
    const channel = writableChannel(context, args.channel);
    requireChannelScope(context, channel, "history");
    const newestFirst = world.messages
      .filter((message) => message.channelId === channel.id && message.threadTs === undefined)
      .sort((a, b) => Number(b.ts) - Number(a.ts));
    const [messages, next] = page(newestFirst, args.limit, args.cursor);
    return {
      messages: messages.map((message) => messageJson(world, message)),
      has_more: next !== "",
      response_metadata: { next_cursor: next },
    };
  },
});

export const conversationsReplies = method({
  name: "conversations.replies",
  scopes,
  tier: 3,
  args: z.object({ channel: z.string().min(1), ts: z.string().min(1), ...paging }),
  run(context, args) {
    const { world } = context;
    const channel = writableChannel(context, args.channel);
    requireChannelScope(context, channel, "history");
    const found = findMessage(world, channel.id, args.ts);
    if (found === undefined) throw new ApiError("thread_not_found");
    const [messages, next] = page(threadOf(world, channel.id, found.threadTs ?? found.ts), args.limit, args.cursor);
    return {
      messages: messages.map((message) => messageJson(world, message)),
      has_more: next !== "",
      response_metadata: { next_cursor: next },
    };
  },
});
