import { compact, type Json, type JsonObject } from "./json.ts";
import { type Message, threadOf, type World } from "./world.ts";

/** A stored message in the shape of the Web API and of interaction payloads. */
export function messageJson(world: World, message: Message): JsonObject {
  const replies = threadOf(world, message.channelId, message.ts).filter((reply) => reply.ts !== message.ts);
  const fromApp = message.botId !== undefined;
  return compact({
    type: "message",
    user: message.userId,
    text: message.text,
    ts: message.ts,
    team: world.team.id,
    bot_id: message.botId,
    app_id: fromApp ? world.app.id : undefined,
    bot_profile: fromApp ? botProfile(world) : undefined,
    blocks: message.blocks.length > 0 ? message.blocks : undefined,
    thread_ts: message.threadTs ?? (replies.length > 0 ? message.ts : undefined),
    parent_user_id: message.threadTs === undefined ? undefined : parentUser(world, message, message.threadTs),
    metadata: message.metadata,
    edited: message.editedAt === undefined ? undefined : { user: message.userId, ts: message.editedAt },
    ...threadFields(replies),
    reactions: message.reactions.length === 0 ? undefined : message.reactions.map(reactionJson),
  });
}

function parentUser(world: World, message: Message, threadTs: string): string | undefined {
  return threadOf(world, message.channelId, threadTs)[0]?.userId;
}

function botProfile(world: World): JsonObject {
  return { id: world.app.botId, app_id: world.app.id, name: world.app.name, team_id: world.team.id, deleted: false };
}

function threadFields(replies: readonly Message[]): { [key: string]: Json } {
  const latest = replies.at(-1);
  if (latest === undefined) return {};
  const users = [...new Set(replies.map((reply) => reply.userId))];
  return { reply_count: replies.length, reply_users: users, reply_users_count: users.length, latest_reply: latest.ts };
}

function reactionJson(reaction: { name: string; users: string[] }): JsonObject {
  return { name: reaction.name, users: reaction.users, count: reaction.users.length };
}
