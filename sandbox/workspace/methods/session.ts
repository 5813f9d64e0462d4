import { z } from "zod";
import { method } from "./method.ts";

export const authTest = method({
  name: "auth.test",
  scopes: [],
  tier: "special",
  args: z.object({}),
  run({ world, url }) {
    return {
      url: `${url}/`,
      team: world.team.name,
      user: world.users.get(world.app.userId)?.handle ?? "",
      team_id: world.team.id,
      user_id: world.app.userId,
      bot_id: world.app.botId,
      is_enterprise_install: false,
    };
  },
});

export const connectionsOpen = method({
  name: "apps.connections.open",
  scopes: [],
  tier: 3,
  token: "app",
  args: z.object({}),
  run: (context) => ({ url: context.socketUrl() }),
});

export const teamInfo = method({
  name: "team.info",
  scopes: ["team:read"],
  tier: 3,
  args: z.object({ team: z.string().optional() }),
  run: ({ world }) => ({ team: { id: world.team.id, name: world.team.name, domain: world.team.domain } }),
});
