import { z } from "zod";
import { explain } from "../core/errors.ts";
import type { BoltApp, HandlerDeps, Register } from "./deps.ts";

const Envelope = z.object({ team_id: z.string(), event_id: z.string() });
const Members = z.object({ event: z.object({ subteam_id: z.string() }) });
const Group = z.object({ event: z.object({ subteam: z.object({ id: z.string() }) }) });
const User = z.object({ event: z.object({ user: z.object({ id: z.string() }) }) });
const Channel = z.object({ event: z.object({ channel: z.string() }) });
const Tokens = z.object({ event: z.object({ tokens: z.object({ bot: z.array(z.string()).optional() }) }) });

/**
 * What administrators change in the workspace. An event decides nothing and may be lost: who may what, and whether a channel
 * is shared, is asked of Slack for each decision (the list of a group at most once a minute). It makes what is shown and what
 * was kept right at once, and people aware.
 */
export const registerWorkspaceEvents: Register = (app, deps) => {
  const { changes } = deps;
  on(app, deps, "subteam_members_changed", Members, ({ event }) => changes.people({ group: event.subteam_id }));
  on(app, deps, "subteam_updated", Group, ({ event }) => changes.people({ group: event.subteam.id }));
  on(app, deps, "user_change", User, ({ event }) => changes.people({ user: event.user.id }));
  on(app, deps, "channel_shared", Channel, ({ event }) => changes.shared(event.channel));
  on(app, deps, "tokens_revoked", Tokens, async ({ event }) => {
    if ((event.tokens.bot ?? []).length > 0) {
      await changes.cutOff("the bot's token was revoked");
    }
  });
  on(app, deps, "app_uninstalled", z.object({}), () => changes.cutOff("the app was removed from the workspace"));
};

type Name =
  | "subteam_members_changed"
  | "subteam_updated"
  | "user_change"
  | "channel_shared"
  | "tokens_revoked"
  | "app_uninstalled";

/** Once per event, over all processes; a delivery that Slack repeats was taken already. */
function on<T>(
  app: BoltApp,
  deps: HandlerDeps,
  name: Name,
  shape: z.ZodType<T>,
  act: (body: T) => Promise<void>,
): void {
  app.event(name, async ({ body }) => {
    const envelope = Envelope.safeParse(body);
    const parsed = shape.safeParse(body);
    if (!envelope.success || !parsed.success || envelope.data.team_id !== deps.team) {
      return;
    }
    try {
      if (await deps.firstTime(`event:${envelope.data.event_id}`)) {
        await act(parsed.data);
      }
    } catch (error) {
      deps.log.warn({ event: name, code: explain(error).code }, "a change in the workspace was not taken up");
    }
  });
}
