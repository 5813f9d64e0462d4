import type { WebClient } from "@slack/web-api";
import { z } from "zod";
import { KeyturnError } from "../core/errors.ts";
import type { State } from "../core/state.ts";

const Identity = z.object({ team_id: z.string(), user_id: z.string() });

/** Who we are in Slack. The first start pins the workspace; in another one the bot does not start. */
export async function pinnedWorkspace(
  client: WebClient,
  state: Pick<State, "pin">,
): Promise<{ readonly team: string; readonly botUser: string }> {
  const identity = Identity.parse(await client.auth.test());
  const pinned = await state.pin("workspace", identity.team_id);
  if (pinned !== identity.team_id) {
    throw new KeyturnError("other_workspace", "this data belongs to another Slack workspace", {
      hint: "use the token of the workspace of the first start, or another data folder",
    });
  }
  return { team: identity.team_id, botUser: identity.user_id };
}

/**
 * A demo's data folder refuses a real catalog, and the reverse; an API address other than Slack's is accepted only on
 * loopback and for a demo. So nobody can point a real bot at a pretended workspace.
 */
export async function refuseMixture(
  state: Pick<State, "pin">,
  demo: boolean,
  apiUrl: string | undefined,
): Promise<void> {
  if (apiUrl !== undefined && !(demo && isLoopback(apiUrl))) {
    throw new KeyturnError("foreign_slack", "SLACK_API_URL is set, which only a demo on loopback may do", {
      hint: "unset it",
    });
  }
  const purpose = demo ? "demo" : "real";
  const pinned = await state.pin("purpose", purpose);
  if (pinned !== purpose) {
    throw new KeyturnError(
      "demo_and_real",
      `this data folder was made for a ${pinned} catalog, and this one is a ${purpose} one`,
      { hint: "use another data folder" },
    );
  }
}

function isLoopback(url: string): boolean {
  const host = URL.canParse(url) ? new URL(url).hostname : "";
  return host === "127.0.0.1" || host === "localhost" || host === "[::1]";
}
