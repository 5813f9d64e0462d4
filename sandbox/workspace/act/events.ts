import { type JsonObject, stringAt } from "../json.ts";
import { newId } from "../world.ts";
import { type ActResult, noticeOf, type Stage } from "./stage.ts";

/** What an event tells of has happened: sends it, if the manifest subscribes to it; resolves with the first attempt. */
export async function sendEvent(stage: Stage, event: JsonObject): Promise<ActResult> {
  const { world, manifest } = stage;
  const type = stringAt(event, "type") ?? "";
  world.changed();
  const nothing = { ephemerals: [], views: [] };
  if (!manifest.events.includes(type)) return { acked: true, ...nothing };
  const channel = world.channels.get(stringAt(event, "channel") ?? "");
  const payload: JsonObject = {
    token: "sandbox-verification-token",
    team_id: world.team.id,
    context_team_id: world.team.id,
    api_app_id: world.app.id,
    type: "event_callback",
    event,
    event_id: newId("Ev"),
    event_time: Math.floor(Date.now() / 1000),
    is_ext_shared_channel: channel?.is_ext_shared === true,
    authorizations: [
      {
        enterprise_id: null,
        team_id: world.team.id,
        user_id: world.app.userId,
        is_bot: true,
        is_enterprise_install: false,
      },
    ],
  };
  stage.sent.push({ type: "events_api", payload });
  const ack = await stage.delivery.event(payload);
  return ack.acked ? { acked: true, ...nothing } : { acked: false, notice: noticeOf(ack), ...nothing };
}
