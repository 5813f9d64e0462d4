import { z } from "zod";
import { ApiError } from "../api-error.ts";
import { compact, type JsonObject } from "../json.ts";
import { type Channel, channelName, directChannel, type World } from "../world.ts";
import { requireChannelScope, visibleChannel } from "./channel.ts";
import { flag, method, page, pageSize } from "./method.ts";

const readers = ["channels:read", "groups:read", "im:read", "mpim:read"];
const paging = { limit: pageSize.optional(), cursor: z.string().optional() };

export const conversationsInfo = method({
  name: "conversations.info",
  scopes: readers,
  tier: 3,
  args: z.object({ channel: z.string().min(1), include_num_members: flag.optional() }),
  run(context, args) {
    const channel = visibleChannel(context, args.channel);
    requireChannelScope(context, channel, "read");
    const count = args.include_num_members === true ? { num_members: channel.members.size } : {};
    return { channel: { ...channelJson(context.world, channel), ...count } };
  },
});

export const conversationsList = method({
  name: "conversations.list",
  scopes: readers,
  tier: 2,
  args: z.object({ ...paging, types: z.string().optional(), exclude_archived: flag.optional() }),
  run(context, args) {
    const { world } = context;
    const types = (args.types ?? "public_channel").split(",");
    const seen = [...world.channels.values()].filter((channel) => {
      if (channel.kind === "im") return types.includes("im");
      if (channel.is_private === true)
        return types.includes("private_channel") && channel.members.has(world.app.userId);
      return types.includes("public_channel");
    });
    for (const channel of seen) requireChannelScope(context, channel, "read");
    const [channels, next] = page(seen, args.limit, args.cursor);
    return {
      channels: channels.map((channel) => channelJson(world, channel)),
      response_metadata: { next_cursor: next },
    };
  },
});

export const conversationsMembers = method({
  name: "conversations.members",
  scopes: readers,
  tier: 4,
  args: z.object({ channel: z.string().min(1), ...paging }),
  run(context, args) {
    const channel = visibleChannel(context, args.channel);
    requireChannelScope(context, channel, "read");
    const [members, next] = page([...channel.members], args.limit, args.cursor);
    return { members, response_metadata: { next_cursor: next } };
  },
});

export const conversationsOpen = method({
  name: "conversations.open",
  scopes: ["im:write", "mpim:write"],
  tier: 3,
  args: z.object({ users: z.string().min(1), return_im: flag.optional() }),
  run({ world }, args) {
    const [userId, ...others] = args.users.split(",");
    if (others.length > 0) throw new ApiError("missing_scope", { needed: "mpim:write" });
    const user = userId === undefined ? undefined : world.users.get(userId);
    if (user === undefined) throw new ApiError("user_not_found");
    if (user.deleted === true) throw new ApiError("user_disabled");
    return { channel: { id: directChannel(world, user.id).id } };
  },
});

/** A channel as `conversations.info` shows it. */
export function channelJson(world: World, channel: Channel): JsonObject {
  const isDirect = channel.kind === "im";
  const isPrivate = channel.is_private === true;
  const isShared = channel.is_ext_shared === true;
  return compact({
    id: channel.id,
    name: isDirect ? undefined : channelName(channel),
    user: isDirect ? [...channel.members].find((id) => id !== world.app.userId) : undefined,
    is_channel: !isDirect && !isPrivate,
    is_group: !isDirect && isPrivate,
    is_im: isDirect,
    is_mpim: false,
    is_private: isPrivate || isDirect,
    is_archived: false,
    is_general: false,
    is_shared: isShared,
    is_org_shared: false,
    is_ext_shared: isShared,
    is_pending_ext_shared: false,
    is_member: isDirect ? undefined : channel.members.has(world.app.userId),
    context_team_id: world.team.id,
    created: 1_700_000_000,
    topic: { value: channel.topic ?? "", creator: "", last_set: 0 },
    purpose: { value: "", creator: "", last_set: 0 },
  });
}
