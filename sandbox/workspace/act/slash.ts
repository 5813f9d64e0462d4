import { z } from "zod";
import { ApiError } from "../api-error.ts";
import type { FaultState } from "../faults.ts";
import { newHook } from "../hooks.ts";
import { isObject, type Json } from "../json.ts";
import { typedText } from "../mentions.ts";
import { issueTrigger } from "../triggers.ts";
import { channelName } from "../world.ts";
import { answerMessage, storeAnswer } from "./answer.ts";
import { type ActResult, channelOf, interact, type Stage } from "./stage.ts";

export const Slash = z.strictObject({
  userId: z.string(),
  channelId: z.string(),
  command: z.string().startsWith("/"),
  text: z.string(),
});

/** A person types a slash command. Rejects when the app registered no such command or the user is not in the channel. */
export async function slash(stage: Stage, faultState: FaultState, input: z.infer<typeof Slash>): Promise<ActResult> {
  const { world, manifest, url } = stage;
  const { userId, channelId, command } = input;
  const channel = channelOf(stage, userId, channelId);
  if (!manifest.commands.some((known) => known.command === command)) {
    throw new Error(`${command} is not a valid command`);
  }
  const payload = {
    token: "sandbox-verification-token",
    team_id: world.team.id,
    team_domain: world.team.domain,
    channel_id: channelId,
    channel_name: channelName(channel),
    user_id: userId,
    user_name: world.users.get(userId)?.handle ?? "",
    command,
    text: typedText(world, input.text.trim(), true),
    api_app_id: world.app.id,
    is_enterprise_install: "false",
    response_url: newHook(world, url, { userId, channelId }),
    trigger_id: issueTrigger(world, userId),
  };
  return interact(stage, userId, { type: "slash_commands", payload }, (body) => {
    const answer = typeof body === "string" ? { text: body } : body;
    return hasContent(answer) ? shown(stage, faultState, { userId, channelId }, answer) : {};
  });
}

function shown(stage: Stage, faultState: FaultState, place: { userId: string; channelId: string }, answer: Json) {
  try {
    const message = answerMessage(stage.world, faultState, place, answer);
    storeAnswer(stage.world, message);
    return { text: message.text };
  } catch (error) {
    if (error instanceof ApiError) return { notice: `the app's answer was refused: ${error.code}` };
    throw error;
  }
}

function hasContent(body: Json | undefined): body is Json {
  return isObject(body) && (body["text"] !== undefined || body["blocks"] !== undefined);
}
