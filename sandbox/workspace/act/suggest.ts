import { z } from "zod";
import { option } from "../blocks/texts.ts";
import { type Json, type JsonObject, objectsAt } from "../json.ts";
import { messageJson } from "../message-json.ts";
import { viewJson } from "../views.ts";
import { channelName, findMessage } from "../world.ts";
import { offerKey, pick } from "./press.ts";
import { type ActResult, channelOf, interact, interactionBase, type Stage, viewBlocks } from "./stage.ts";

export const Suggest = z.strictObject({
  userId: z.string(),
  viewId: z.string().optional(),
  channelId: z.string().optional(),
  ts: z.string().optional(),
  actionId: z.string(),
  blockId: z.string().optional(),
  text: z.string(),
});

/** A person types into an external select; the app answers with options (at most 100) within 3 s. */
export async function suggest(stage: Stage, input: z.infer<typeof Suggest>): Promise<ActResult> {
  const { world } = stage;
  const { blocks, place, where } = target(stage, input);
  const found = pick(blocks, input);
  const payload = {
    type: "block_suggestion",
    ...interactionBase(stage, input.userId),
    ...where,
    action_id: input.actionId,
    block_id: found.blockId,
    value: input.text,
    action_ts: world.nextTs(),
  };
  return interact(stage, input.userId, { type: "interactive", payload }, (body) => {
    const options = offeredBy(body);
    const fitting = z.array(option(false)).max(100).safeParse(options).success;
    if (!fitting) return { notice: "the app's options were refused: invalid_options" };
    stage.offered.set(offerKey(place, found), options);
    return { options };
  });
}

function target(
  stage: Stage,
  input: z.infer<typeof Suggest>,
): { blocks: JsonObject[]; place: string; where: JsonObject } {
  const { world } = stage;
  if (input.viewId !== undefined) {
    const view = (world.views.get(input.userId) ?? []).find(({ id }) => id === input.viewId);
    if (view === undefined) throw new Error(`${input.userId} has no open view ${input.viewId}`);
    const container = { type: "view", view_id: view.id };
    return { blocks: viewBlocks(view), place: view.id, where: { container, view: viewJson(world, view) } };
  }
  const channel = channelOf(stage, input.userId, input.channelId ?? "");
  const message = findMessage(world, channel.id, input.ts ?? "");
  if (message === undefined) throw new Error("no such message");
  const container = { type: "message", message_ts: message.ts, channel_id: channel.id, is_ephemeral: false };
  const where = {
    container,
    channel: { id: channel.id, name: channelName(channel) },
    message: messageJson(world, message),
  };
  return { blocks: message.blocks, place: message.ts, where };
}

function offeredBy(body: Json | undefined): JsonObject[] {
  return [...objectsAt(body, "options"), ...objectsAt(body, "option_groups").flatMap((g) => objectsAt(g, "options"))];
}
