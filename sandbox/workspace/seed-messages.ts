import type { WorkspaceSeed } from "./seed.ts";
import type { World } from "./world.ts";

/** Puts the seed's conversation into the channels, as if it had been written before the start. */
export function seedMessages(world: World, chatter: NonNullable<WorkspaceSeed["messages"]>): void {
  const named = new Map<string, string>();
  const oldestFirst = [...chatter].sort((a, b) => b.minutesAgo - a.minutesAgo);
  for (const [index, line] of oldestFirst.entries()) {
    const ts = world.nextTs(Math.round(Date.now() - line.minutesAgo * 60_000) + index);
    const parent = line.replyTo === undefined ? undefined : named.get(line.replyTo);
    if (line.replyTo !== undefined && parent === undefined) throw new Error(`no earlier message ${line.replyTo}`);
    if (line.name !== undefined) named.set(line.name, ts);
    world.messages.push({
      ts,
      channelId: line.channel,
      userId: line.user,
      text: line.text,
      blocks: [],
      ...(parent === undefined ? {} : { threadTs: parent }),
      reactions: [],
      state: {},
      notifies: [],
    });
  }
}
