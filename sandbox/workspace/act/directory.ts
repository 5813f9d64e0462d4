import { z } from "zod";
import { usergroupJson } from "../methods/usergroups.ts";
import { userJson } from "../methods/users.ts";
import { sendEvent } from "./events.ts";
import type { ActResult, Stage } from "./stage.ts";

export const EditGroup = z.strictObject({
  groupId: z.string(),
  members: z.array(z.string()).optional(),
  handle: z.string().optional(),
  disabled: z.boolean().optional(),
});
export const EditUser = z.strictObject({
  userId: z.string(),
  deleted: z.boolean().optional(),
  is_restricted: z.boolean().optional(),
  is_ultra_restricted: z.boolean().optional(),
});
export const BotMembership = z.strictObject({ channelId: z.string(), isMember: z.boolean(), byUserId: z.string() });
export const ShareChannel = z.strictObject({ channelId: z.string() });

/** An administrator changes a user group; the app hears `subteam_members_changed` and `subteam_updated`. */
export async function editGroup(stage: Stage, input: z.infer<typeof EditGroup>): Promise<ActResult> {
  const { world } = stage;
  const group = world.groups.get(input.groupId);
  if (group === undefined) throw new Error(`no group ${input.groupId}`);
  const before = new Set(group.members);
  const changed = {
    ...group,
    members: input.members ?? group.members,
    handle: input.handle ?? group.handle,
    disabled: input.disabled ?? group.disabled ?? false,
  };
  world.groups.set(group.id, changed);
  const after = new Set(changed.members);
  await sendEvent(stage, {
    type: "subteam_members_changed",
    subteam_id: group.id,
    team_id: world.team.id,
    added_users: changed.members.filter((id) => !before.has(id)),
    removed_users: group.members.filter((id) => !after.has(id)),
    date_update: Math.floor(Date.now() / 1000),
    event_ts: world.nextTs(),
  });
  const subteam = usergroupJson(world, changed, true);
  return sendEvent(stage, { type: "subteam_updated", subteam, event_ts: world.nextTs() });
}

/** An administrator deactivates or restricts an account; the app hears `user_change`. */
export async function editUser(stage: Stage, input: z.infer<typeof EditUser>): Promise<ActResult> {
  const { world } = stage;
  const user = world.users.get(input.userId);
  if (user === undefined) throw new Error(`no user ${input.userId}`);
  const { userId: _id, ...flags } = input;
  const changed = { ...user, ...flags };
  world.users.set(user.id, changed);
  return sendEvent(stage, { type: "user_change", user: userJson(world, changed), event_ts: world.nextTs() });
}

/** Somebody invites the app to a channel (it hears `member_joined_channel`, if it subscribes to it) or removes it. */
export async function botMembership(stage: Stage, input: z.infer<typeof BotMembership>): Promise<ActResult> {
  const { world } = stage;
  const channel = world.channels.get(input.channelId);
  if (channel === undefined) throw new Error(`no channel ${input.channelId}`);
  if (!input.isMember) {
    channel.members.delete(world.app.userId);
    world.changed();
    return { acked: true, ephemerals: [], views: [] };
  }
  channel.members.add(world.app.userId);
  return sendEvent(stage, {
    type: "member_joined_channel",
    user: world.app.userId,
    channel: channel.id,
    channel_type: channel.is_private === true ? "G" : "C",
    team: world.team.id,
    inviter: input.byUserId,
    event_ts: world.nextTs(),
  });
}

/** A channel is shared with another company; the app hears `channel_shared`. */
export async function shareChannel(stage: Stage, input: z.infer<typeof ShareChannel>): Promise<ActResult> {
  const { world } = stage;
  const channel = world.channels.get(input.channelId);
  if (channel === undefined) throw new Error(`no channel ${input.channelId}`);
  world.channels.set(channel.id, { ...channel, is_ext_shared: true });
  return sendEvent(stage, {
    type: "channel_shared",
    connected_team_id: "T0ELSEWHERE",
    channel: channel.id,
    event_ts: world.nextTs(),
  });
}

/** Somebody revokes the app's tokens; the app hears `tokens_revoked`, and its bot token is worth nothing from then on. */
export async function revokeTokens(stage: Stage): Promise<ActResult> {
  const { world } = stage;
  world.revoked.add("token_revoked");
  const tokens = { oauth: [], bot: [world.app.userId] };
  return sendEvent(stage, { type: "tokens_revoked", tokens, event_ts: world.nextTs() });
}

/** Somebody removes the app from the workspace; it hears `app_uninstalled`. */
export async function uninstall(stage: Stage): Promise<ActResult> {
  stage.world.revoked.add("account_inactive");
  return sendEvent(stage, { type: "app_uninstalled", event_ts: stage.world.nextTs() });
}
