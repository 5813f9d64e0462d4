import { z } from "zod";
import { ApiError } from "../api-error.ts";
import { messageJson } from "../message-json.ts";
import { findMessage, type Message } from "../world.ts";
import { writableChannel } from "./channel.ts";
import { type ApiContext, method } from "./method.ts";

const address = { channel: z.string().min(1), timestamp: z.string().min(1) };
const named = { ...address, name: z.string().regex(/^[a-z0-9_+'-]+(::skin-tone-[2-6])?$/) };

export const reactionsAdd = method({
  name: "reactions.add",
  scopes: ["reactions:write"],
  tier: 3,
  args: z.object(named),
  run(context, args) {
    const message = target(context, args);
    const { userId } = context.world.app;
    const reaction = message.reactions.find(({ name }) => name === args.name);
    if (reaction?.users.includes(userId) === true) throw new ApiError("already_reacted");
    if (reaction === undefined) message.reactions.push({ name: args.name, users: [userId] });
    else reaction.users.push(userId);
    return {};
  },
});

export const reactionsRemove = method({
  name: "reactions.remove",
  scopes: ["reactions:write"],
  tier: 2,
  args: z.object(named),
  run(context, args) {
    const message = target(context, args);
    const { userId } = context.world.app;
    const index = message.reactions.findIndex(({ name, users }) => name === args.name && users.includes(userId));
    const reaction = message.reactions[index];
    if (reaction === undefined) throw new ApiError("no_reaction");
    reaction.users.splice(reaction.users.indexOf(userId), 1);
    if (reaction.users.length === 0) message.reactions.splice(index, 1);
    return {};
  },
});

export const reactionsGet = method({
  name: "reactions.get",
  scopes: ["reactions:read"],
  tier: 3,
  args: z.object(address),
  run: (context, args) => ({ type: "message", message: messageJson(context.world, target(context, args)) }),
});

function target(context: ApiContext, args: { channel: string; timestamp: string }): Message {
  const channel = writableChannel(context, args.channel);
  const message = findMessage(context.world, channel.id, args.timestamp);
  if (message === undefined) throw new ApiError("message_not_found");
  return message;
}
