import type { WebClient } from "@slack/web-api";
import { z } from "zod";
import { KeyturnError } from "../core/errors.ts";
import type { State } from "../core/state.ts";
import { isAway, slackRefusal } from "./slack-errors.ts";

const Identity = z.object({ team_id: z.string() });

/**
 * The id of the workspace. The first start pins it; in another one the bot does not start. Throws TryLater when Slack does not
 * answer, and "slack_token_refused" when it does not know the token.
 */
export async function pinnedWorkspace(client: WebClient, state: Pick<State, "pin">): Promise<string> {
  const identity = await identityOf(client);
  const pinned = await state.pin("workspace", identity.team_id);
  if (pinned !== identity.team_id) {
    throw new KeyturnError("other_workspace", "this data belongs to another Slack workspace", {
      hint: "use the token of the workspace of the first start, or another data folder",
    });
  }
  return identity.team_id;
}

/** The id of the workspace; while Slack does not answer, that of the first start. Throws TryLater when there was none. */
export async function knownWorkspace(client: WebClient, state: Pick<State, "pin" | "pinned">): Promise<string> {
  try {
    return await pinnedWorkspace(client, state);
  } catch (error) {
    const known = isAway(error) ? await state.pinned("workspace") : undefined;
    if (known === undefined) {
      throw error;
    }
    return known;
  }
}

async function identityOf(client: WebClient): Promise<z.infer<typeof Identity>> {
  try {
    return Identity.parse(await client.auth.test());
  } catch (error) {
    throw slackRefusal(error, "SLACK_BOT_TOKEN");
  }
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
