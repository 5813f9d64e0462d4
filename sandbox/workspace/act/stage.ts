import type { Ack, Delivery, Envelope } from "../deliver.ts";
import { type JsonObject, objectsAt } from "../json.ts";
import type { Manifest } from "../manifest.ts";
import type { Channel, Message, View, World } from "../world.ts";

/** What people's actions may use. */
export interface Stage {
  readonly world: World;
  readonly delivery: Delivery;
  readonly manifest: Manifest;
  /** `http://127.0.0.1:PORT`: where response_url lives. */
  readonly url: string;
  /** Every interaction and event that was sent to the app, in order. */
  readonly sent: Envelope[];
  /** Options that an external select last offered, by view or message, block and action. */
  readonly offered: Map<string, JsonObject[]>;
}

/** What the user sees of the platform's reaction. What the app posts later is found with `inspect`. */
export interface ActResult {
  /** Whether the app acknowledged in time. */
  readonly acked: boolean;
  /** What the platform itself tells the user, such as "operation timed out". */
  readonly notice?: string;
  /** The text of the acknowledgement, which the user sees as an ephemeral message. */
  readonly text?: string;
  /** Ephemeral messages that this user received while acting. */
  readonly ephemerals: readonly Message[];
  /** The user's open modals, the visible one last. */
  readonly views: readonly View[];
  /** After a submission: what the modal shows at each block. */
  readonly errors?: { readonly [blockId: string]: string };
  /** After a suggestion: the options that the app offered. */
  readonly options?: readonly JsonObject[];
  /** The message that the person wrote. */
  readonly ts?: string;
}

const timedOut = "operation timed out";
const unreachable = "the app is not connected (dispatch failed)";

/** Sends an interaction and turns the acknowledgement into what the user sees. */
export async function interact(
  stage: Stage,
  userId: string,
  envelope: Envelope,
  after: (body: Extract<Ack, { acked: true }>["body"]) => Partial<ActResult> = () => ({}),
): Promise<ActResult> {
  const { world } = stage;
  const before = new Set(world.ephemerals);
  stage.sent.push(envelope);
  const ack = await stage.delivery.interaction(envelope);
  const extra: Partial<ActResult> = ack.acked ? after(ack.body) : { notice: noticeOf(ack) };
  world.changed();
  return {
    acked: ack.acked,
    ephemerals: world.ephemerals.filter((m) => m.ephemeralTo === userId && !before.has(m)),
    views: world.views.get(userId) ?? [],
    ...extra,
  };
}

export function noticeOf(ack: Extract<Ack, { acked: false }>): string {
  return ack.reason === "timeout" ? timedOut : unreachable;
}

/** Fields that every interaction payload has. */
export function interactionBase({ world }: Stage, userId: string): JsonObject {
  const user = world.users.get(userId);
  if (user === undefined) throw new Error(`no user ${userId}`);
  const teamId = user.is_stranger === true ? "T0ELSEWHERE" : world.team.id;
  return {
    token: "sandbox-verification-token",
    api_app_id: world.app.id,
    team: { id: world.team.id, domain: world.team.domain },
    user: { id: user.id, username: user.handle, name: user.handle, team_id: teamId },
    enterprise: null,
    is_enterprise_install: false,
  };
}

/** A channel that this user has open; throws when the user could not see it. */
export function channelOf({ world }: Stage, userId: string, channelId: string): Channel {
  const channel = world.channels.get(channelId);
  if (channel === undefined) throw new Error(`no channel ${channelId}`);
  if (!world.users.has(userId)) throw new Error(`no user ${userId}`);
  if (!channel.members.has(userId)) throw new Error(`${userId} is not in #${channel.name}`);
  return channel;
}

/** The blocks of a view. */
export function viewBlocks(view: View): JsonObject[] {
  return objectsAt(view.body, "blocks");
}
