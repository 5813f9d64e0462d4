import { ApiError } from "../api-error.ts";
import { type Channel, reachableChannel } from "../world.ts";
import { type ApiContext, requireScope } from "./method.ts";

/**
 * The channel that the app may write to.
 * @throws ApiError `channel_not_found` (unknown, or private without the app), `not_in_channel`
 */
export function writableChannel(context: ApiContext, id: string): Channel {
  const channel = visibleChannel(context, id);
  if (!channel.members.has(context.world.app.userId)) throw new ApiError("not_in_channel");
  return channel;
}

/** @throws ApiError `channel_not_found` */
export function visibleChannel(context: ApiContext, id: string): Channel {
  const channel = reachableChannel(context.world, id);
  if (channel === undefined) throw new ApiError("channel_not_found");
  return channel;
}

/** Demands the scope of this kind of channel: `channels:read`, `groups:history`, `im:read`, ... */
export function requireChannelScope(context: ApiContext, channel: Channel, right: "read" | "history"): void {
  const family = channel.kind === "im" ? "im" : channel.is_private === true ? "groups" : "channels";
  requireScope(context, `${family}:${right}`);
}
