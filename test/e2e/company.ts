import { demoSeed } from "../../sandbox/workspace/demo-seed.ts";
import type { WorkspaceSeed } from "../../sandbox/workspace/seed.ts";

/** The demo's company, where people who must not decide also stand in #security-ops, and in the group that decides. */
export function company(): WorkspaceSeed {
  const seed = demoSeed();
  const others = ["U0GUEST", "U0GONE", "U0VENDOR"];
  return {
    ...seed,
    usergroups: seed.usergroups.map((group) =>
      group.handle === "security" ? { ...group, members: [...group.members, ...others] } : group,
    ),
    channels: seed.channels.map((channel) =>
      channel.name === "security-ops" ? { ...channel, members: [...(channel.members ?? []), ...others] } : channel,
    ),
  };
}
