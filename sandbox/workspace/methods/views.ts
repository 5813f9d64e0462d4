import { z } from "zod";
import { ApiError } from "../api-error.ts";
import { spendTrigger } from "../triggers.ts";
import { checkedView, findView, newHash, pushView, replaceView, viewJson } from "../views.ts";
import { newId, type View } from "../world.ts";
import { type ApiContext, method, nested } from "./method.ts";

const triggered = z.object({ trigger_id: z.string().min(1), view: z.json() });

export const viewsOpen = method({
  name: "views.open",
  scopes: [],
  tier: 4,
  args: triggered,
  run: (context, args) => show(context, args, false),
});

export const viewsPush = method({
  name: "views.push",
  scopes: [],
  tier: 4,
  args: triggered,
  run: (context, args) => show(context, args, true),
});

export const viewsUpdate = method({
  name: "views.update",
  scopes: [],
  tier: 4,
  args: z.object({
    view: z.json(),
    view_id: z.string().optional(),
    external_id: z.string().optional(),
    hash: z.string().optional(),
  }),
  run({ world }, args) {
    const body = checkedView(nested(args.view, "invalid_arguments"), "modal");
    const view = findView(world, ({ id, externalId }) =>
      args.view_id === undefined ? externalId !== undefined && externalId === args.external_id : id === args.view_id,
    );
    if (view === undefined) throw new ApiError("not_found");
    replaceView(view, body, args.hash);
    return { view: viewJson(world, view) };
  },
});

export const viewsPublish = method({
  name: "views.publish",
  scopes: [],
  tier: 4,
  args: z.object({ user_id: z.string().min(1), view: z.json(), hash: z.string().optional() }),
  run({ world }, args) {
    if (!world.users.has(args.user_id)) throw new ApiError("invalid_arguments");
    const body = checkedView(nested(args.view, "invalid_arguments"), "home");
    const existing = world.homes.get(args.user_id);
    if (existing !== undefined) {
      replaceView(existing, body, args.hash);
      return { view: viewJson(world, existing) };
    }
    const id = newId("V");
    const home: View = { id, userId: args.user_id, body, hash: newHash(), rootId: id };
    world.homes.set(args.user_id, home);
    return { view: viewJson(world, home) };
  },
});

function show(context: ApiContext, args: z.infer<typeof triggered>, onTop: boolean) {
  const { world, timing } = context;
  const body = checkedView(nested(args.view, "invalid_arguments"), "modal");
  const trigger = spendTrigger(world, args.trigger_id, timing.triggerMs);
  if (onTop && trigger.viewId === undefined) throw new ApiError("invalid_trigger_id");
  const view = pushView(world, trigger.userId, body, onTop);
  return { view: viewJson(world, view) };
}
