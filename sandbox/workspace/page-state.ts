import { compact, type Json, type JsonObject } from "./json.ts";
import type { Manifest } from "./manifest.ts";
import { viewJson } from "./views.ts";
import { type Channel, type Message, threadOf, type World } from "./world.ts";

export interface Looking {
  readonly userId: string;
  readonly channelId: string | undefined;
  readonly threadTs: string | undefined;
}

/** All that the page shows to one person: what this person may see, and nothing else. */
export function pageState(world: World, manifest: Manifest, connected: boolean, looking: Looking): JsonObject {
  const { userId, channelId, threadTs } = looking;
  const channels = [...world.channels.values()].filter((channel) => channel.members.has(userId));
  const channel = channels.find(({ id }) => id === channelId);
  const shown = (message: Message) => messageState(world, message, userId);
  const here = channel === undefined ? [] : visibleIn(world, channel.id, userId);
  const home = world.homes.get(userId);
  return compact({
    team: { ...world.team },
    app: { id: world.app.id, userId: world.app.userId, name: world.app.name, connected },
    users: [...world.users.values()].map((user) => compact({ ...user })),
    groups: [...world.groups.values()].map(({ id, handle, name }) => ({ id, handle, name: name ?? handle })),
    channels: channels.map((one) => channelState(world, one, userId)),
    commands: manifest.commands.map((command) => ({ ...command })),
    shortcuts: manifest.shortcuts.map((shortcut) => ({ ...shortcut })),
    messages: here.filter((message) => message.threadTs === undefined).map(shown),
    thread:
      channel === undefined || threadTs === undefined
        ? []
        : here.filter((message) => message.ts === threadTs || message.threadTs === threadTs).map(shown),
    views: (world.views.get(userId) ?? []).map((view) => viewJson(world, view)),
    home: home === undefined ? undefined : viewJson(world, home),
  });
}

function visibleIn(world: World, channelId: string, userId: string): Message[] {
  const own = world.ephemerals.filter((message) => message.ephemeralTo === userId);
  return [...world.messages, ...own]
    .filter((message) => message.channelId === channelId)
    .sort((a, b) => Number(a.ts) - Number(b.ts));
}

function channelState(world: World, channel: Channel, userId: string): JsonObject {
  const messages = world.messages.filter((message) => message.channelId === channel.id);
  const other = [...channel.members].find((id) => id !== userId);
  return compact({
    id: channel.id,
    name: channel.name,
    kind: channel.kind,
    topic: channel.topic,
    isPrivate: channel.is_private === true,
    isExtShared: channel.is_ext_shared === true,
    botIsMember: channel.members.has(world.app.userId),
    memberCount: channel.members.size,
    withUser: channel.kind === "im" ? other : undefined,
    latestTs: messages.at(-1)?.ts,
    mentionTs: messages.filter((message) => message.notifies.includes(userId)).map(({ ts }) => ts),
  });
}

function messageState(world: World, message: Message, userId: string): JsonObject {
  const replies = threadOf(world, message.channelId, message.ts).filter(({ ts }) => ts !== message.ts);
  const people = [...new Set(replies.map((reply) => reply.userId))];
  const fields: { [key: string]: Json | undefined } = {
    ts: message.ts,
    channelId: message.channelId,
    userId: message.userId,
    isApp: message.botId !== undefined,
    text: message.text,
    blocks: message.blocks,
    threadTs: message.threadTs,
    edited: message.editedAt !== undefined,
    ephemeral: message.ephemeralTo !== undefined,
    reactions: message.reactions.map(({ name, users }) => ({ name, users })),
    state: message.state,
    rings: message.notifies.includes(userId),
    replyCount: replies.length,
    replyUsers: people.slice(0, 4),
    latestReplyTs: replies.at(-1)?.ts,
  };
  return compact(fields);
}
