import { z } from "zod";
import { ApiError } from "../api-error.ts";
import { compact, type JsonObject } from "../json.ts";
import type { SeedUser } from "../seed.ts";
import type { World } from "../world.ts";
import { channelJson } from "./conversations.ts";
import { method, page, pageSize } from "./method.ts";

export const usersInfo = method({
  name: "users.info",
  scopes: ["users:read"],
  tier: 4,
  args: z.object({ user: z.string().min(1) }),
  run({ world }, args) {
    const user = world.users.get(args.user);
    if (user === undefined) throw new ApiError("user_not_found");
    return { user: userJson(world, user) };
  },
});

export const usersList = method({
  name: "users.list",
  scopes: ["users:read"],
  tier: 2,
  args: z.object({ limit: pageSize.optional(), cursor: z.string().optional() }),
  run({ world }, args) {
    const [members, next] = page([...world.users.values()], args.limit, args.cursor);
    return {
      members: members.map((user) => userJson(world, user)),
      response_metadata: { next_cursor: next },
    };
  },
});

export const lookupByEmail = method({
  name: "users.lookupByEmail",
  scopes: ["users:read.email"],
  tier: 3,
  args: z.object({ email: z.string() }),
  run({ world }, args) {
    const user = [...world.users.values()].find((one) => emailOf(world, one) === args.email);
    if (user === undefined || user.deleted === true) throw new ApiError("users_not_found");
    return { user: userJson(world, user) };
  },
});

export const usersConversations = method({
  name: "users.conversations",
  scopes: ["channels:read", "groups:read"],
  tier: 3,
  args: z.object({ user: z.string().optional(), limit: pageSize.optional(), cursor: z.string().optional() }),
  run(context, args) {
    const { world } = context;
    const who = args.user ?? world.app.userId;
    const mine = [...world.channels.values()].filter((c) => c.kind === "channel" && c.members.has(who));
    const [channels, next] = page(mine, args.limit, args.cursor);
    return {
      channels: channels.map((channel) => channelJson(world, channel)),
      response_metadata: { next_cursor: next },
    };
  },
});

/** A user as `users.info` shows it; flags that are not set are false, `is_stranger` is left out. */
export function userJson(world: World, user: SeedUser): JsonObject {
  const bot = user.is_bot === true;
  return compact({
    id: user.id,
    team_id: user.is_stranger === true ? "T0ELSEWHERE" : world.team.id,
    name: user.handle,
    deleted: user.deleted === true,
    real_name: user.name,
    tz: "Europe/Berlin",
    profile: compact({ real_name: user.name, display_name: user.handle, title: user.title ?? "" }),
    is_admin: false,
    is_owner: false,
    is_primary_owner: false,
    is_restricted: user.is_restricted === true,
    is_ultra_restricted: user.is_ultra_restricted === true,
    is_bot: bot,
    is_app_user: false,
    is_stranger: user.is_stranger === true ? true : undefined,
    updated: 1_700_000_000,
  });
}

function emailOf(world: World, user: SeedUser): string {
  return `${user.handle}@${world.team.domain}.example`;
}
