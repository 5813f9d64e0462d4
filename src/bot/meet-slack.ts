import type { WebClient } from "@slack/web-api";
import type { Catalog } from "../core/catalog.ts";
import type { State } from "../core/state.ts";
import { movedHandles } from "./moved-handles.ts";
import { type Handles, resolveHandles } from "./resolve-handles.ts";
import { pinnedWorkspace } from "./workspace.ts";

/**
 * Makes sure of the workspace and turns the names of the catalog into ids, for `met`. Returns what is wrong with them; then
 * nothing was met. Throws TryLater while Slack does not answer.
 */
export async function meetSlack(options: {
  readonly client: WebClient;
  readonly state: Pick<State, "pin">;
  readonly catalog: Catalog;
  readonly team: string;
  readonly met: (handles: Handles) => void;
}): Promise<readonly string[]> {
  const { client, state, catalog, team } = options;
  await pinnedWorkspace(client, state);
  const handles = await resolveHandles(client, catalog, team);
  const problems = [...handles.problems, ...(await movedHandles(state, handles))];
  if (problems.length === 0) {
    options.met(handles);
  }
  return problems.map(({ sentence, hint }) => `${sentence}\n    ${hint}`);
}
