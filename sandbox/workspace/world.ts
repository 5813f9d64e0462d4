import { randomBytes } from "node:crypto";
import type { JsonObject } from "./json.ts";
import type { SeedChannel, SeedUser, SeedUsergroup, WorkspaceSeed } from "./seed.ts";
import { seedMessages } from "./seed-messages.ts";

export interface Message {
  readonly ts: string;
  readonly channelId: string;
  readonly userId: string;
  /** Present on what the app wrote. */
  readonly botId?: string;
  text: string;
  blocks: JsonObject[];
  readonly threadTs?: string;
  metadata?: JsonObject;
  editedAt?: string;
  readonly reactions: { name: string; users: string[] }[];
  /** Selections made in the message's own inputs: block id, action id, state. */
  readonly state: { [blockId: string]: JsonObject };
  /** Only this user sees the message. */
  readonly ephemeralTo?: string;
  /** Users whom the text rings: mentions, groups, here/channel/everyone. */
  notifies: readonly string[];
}

export interface Channel extends Omit<SeedChannel, "members" | "botIsMember"> {
  readonly members: Set<string>;
  readonly kind: "channel" | "im";
}

export interface View {
  readonly id: string;
  readonly userId: string;
  /** The view as the app sent it: type, title, blocks, ... */
  body: JsonObject;
  hash: string;
  readonly rootId: string;
  readonly previousId?: string;
  readonly externalId?: string;
}

export interface ApiCall {
  readonly method: string;
  readonly args: JsonObject;
  /** ISO 8601 UTC. */
  readonly at: string;
  ok: boolean;
  error?: string;
}

export interface Trigger {
  readonly userId: string;
  readonly viewId?: string;
  readonly bornMs: number;
  used: boolean;
}

export interface Hook {
  readonly userId: string;
  readonly channelId: string;
  readonly threadTs?: string;
  /** The message that the response_url belongs to, when it came from a press. */
  readonly originalTs?: string;
  readonly bornMs: number;
  uses: number;
}

/** The whole workspace in memory. */
export interface World {
  readonly team: { readonly id: string; readonly domain: string; readonly name: string };
  readonly app: { readonly id: string; readonly botId: string; readonly userId: string; readonly name: string };
  /** Errors that the bot's token is answered with from now on: the first one. */
  readonly revoked: Set<"token_revoked" | "account_inactive">;
  readonly users: Map<string, SeedUser>;
  readonly groups: Map<string, SeedUsergroup>;
  readonly channels: Map<string, Channel>;
  readonly messages: Message[];
  readonly ephemerals: Message[];
  /** Open modals by user, the visible one last. */
  readonly views: Map<string, View[]>;
  readonly homes: Map<string, View>;
  readonly triggers: Map<string, Trigger>;
  readonly hooks: Map<string, Hook>;
  readonly calls: ApiCall[];
  nextTs(atMs?: number): string;
  /** Tells every listener that something may look different now. */
  changed(): void;
  /** Returns the function that ends the subscription. */
  onChange(listener: () => void): () => void;
}

/** Builds the workspace that the seed describes; throws when ids are used twice or point nowhere. */
export function createWorld(seed: WorkspaceSeed): World {
  const listeners = new Set<() => void>();
  let lastMicros = 0;
  const botHandle = seed.bot?.handle ?? "keyturn";
  const bot: SeedUser = {
    id: "U0KEYTURN",
    handle: botHandle,
    name: seed.bot?.name ?? "Keyturn",
    is_bot: true,
  };
  const world: World = {
    team: seed.team ?? { id: "T0SANDBOX", domain: "sandbox", name: "Sandbox" },
    app: { id: "A0KEYTURN", botId: "B0KEYTURN", userId: bot.id, name: bot.name },
    revoked: new Set(),
    users: byId([...seed.users, bot]),
    groups: byId(seed.usergroups),
    channels: new Map(),
    messages: [],
    ephemerals: [],
    views: new Map(),
    homes: new Map(),
    triggers: new Map(),
    hooks: new Map(),
    calls: [],
    nextTs(atMs) {
      const micros = (atMs ?? Date.now()) * 1000;
      if (atMs !== undefined) return tsOf(micros);
      lastMicros = Math.max(lastMicros + 1, micros);
      return tsOf(lastMicros);
    },
    changed() {
      for (const listener of [...listeners]) listener();
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const insiders = seed.users.filter((user) => user.deleted !== true && user.is_stranger !== true).map(({ id }) => id);
  for (const { members, botIsMember, ...channel } of seed.channels) {
    const all = new Set(members ?? insiders);
    for (const id of all) if (!world.users.has(id)) throw new Error(`channel ${channel.name}: no user ${id}`);
    if (botIsMember) all.add(bot.id);
    if (world.channels.has(channel.id)) throw new Error(`channel id ${channel.id} is used twice`);
    world.channels.set(channel.id, { ...channel, members: all, kind: "channel" });
  }
  seedMessages(world, seed.messages ?? []);
  return world;
}

/** A Slack-looking id: a prefix and ten random letters or digits. */
export function newId(prefix: string): string {
  return prefix + randomBytes(8).toString("hex").slice(0, 10).toUpperCase();
}

/** A channel, or the direct-message channel of a user id, as the app addresses it; undefined when it cannot see it. */
export function reachableChannel(world: World, id: string): Channel | undefined {
  const target = world.users.has(id) ? directChannel(world, id) : world.channels.get(id);
  if (target === undefined) return undefined;
  const hidden = target.is_private === true && !target.members.has(world.app.userId);
  return hidden ? undefined : target;
}

/** The direct-message channel between the app and a user; made when it does not exist yet. */
export function directChannel(world: World, userId: string): Channel {
  const id = `D${userId.slice(1)}`;
  const existing = world.channels.get(id);
  if (existing !== undefined) return existing;
  const members = new Set([userId, world.app.userId]);
  const created: Channel = { id, name: world.users.get(userId)?.handle ?? userId, members, kind: "im" };
  world.channels.set(id, created);
  return created;
}

export function findMessage(world: World, channelId: string, ts: string): Message | undefined {
  return world.messages.find((message) => message.channelId === channelId && message.ts === ts);
}

/** Parent first, then the replies in order. */
export function threadOf(world: World, channelId: string, ts: string): Message[] {
  return world.messages.filter((m) => m.channelId === channelId && (m.ts === ts || m.threadTs === ts));
}

export function channelName(channel: Channel): string {
  return channel.kind === "im" ? "directmessage" : channel.name;
}

function byId<T extends { readonly id: string }>(items: readonly T[]): Map<string, T> {
  const map = new Map<string, T>();
  for (const item of items) {
    if (map.has(item.id)) throw new Error(`id ${item.id} is used twice`);
    map.set(item.id, item);
  }
  return map;
}

function tsOf(micros: number): string {
  const whole = Math.floor(micros);
  return `${Math.floor(whole / 1_000_000)}.${String(whole % 1_000_000).padStart(6, "0")}`;
}
