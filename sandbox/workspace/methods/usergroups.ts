import { z } from "zod";
import { ApiError } from "../api-error.ts";
import { compact, type JsonObject } from "../json.ts";
import type { SeedUsergroup } from "../seed.ts";
import type { World } from "../world.ts";
import { flag, method } from "./method.ts";

export const usergroupsList = method({
  name: "usergroups.list",
  scopes: ["usergroups:read"],
  tier: 2,
  args: z.object({
    include_users: flag.optional(),
    include_disabled: flag.optional(),
    include_count: flag.optional(),
  }),
  run({ world }, args) {
    const groups = [...world.groups.values()].filter(
      (group) => group.disabled !== true || args.include_disabled === true,
    );
    return { usergroups: groups.map((group) => usergroupJson(world, group, args.include_users === true)) };
  },
});

export const usergroupsUsersList = method({
  name: "usergroups.users.list",
  scopes: ["usergroups:read"],
  tier: 2,
  args: z.object({ usergroup: z.string().min(1), include_disabled: flag.optional() }),
  run({ world }, args) {
    const group = world.groups.get(args.usergroup);
    if (group === undefined) throw new ApiError("no_such_subteam");
    if (group.disabled === true && args.include_disabled !== true) throw new ApiError("subteam_disabled");
    return { users: [...group.members] };
  },
});

export function usergroupJson(world: World, group: SeedUsergroup, withUsers: boolean): JsonObject {
  return compact({
    id: group.id,
    team_id: world.team.id,
    is_usergroup: true,
    is_subteam: true,
    is_external: false,
    name: group.name ?? group.handle,
    handle: group.handle,
    description: "",
    date_create: 1_700_000_000,
    date_update: 1_700_000_000,
    date_delete: group.disabled === true ? 1_700_000_000 : 0,
    user_count: group.members.length,
    users: withUsers ? [...group.members] : undefined,
  });
}
