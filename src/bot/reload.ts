import { userInfo } from "node:os";
import type { WebClient } from "@slack/web-api";
import type { Log } from "../core/engine-ports.ts";
import { explain } from "../core/errors.ts";
import type { Kinds } from "../core/kinds.ts";
import type { State } from "../core/state.ts";
import { loadCatalogFile } from "./load-catalog.ts";
import { movedHandles } from "./moved-handles.ts";
import { type Handles, resolveHandles } from "./resolve-handles.ts";

export type ReloadDeps = {
  readonly file: string;
  readonly kinds: Kinds;
  /** Variables that a catalog may refer to. */
  readonly references: Readonly<Record<string, string>>;
  readonly client: WebClient;
  readonly team: string;
  readonly demo: boolean;
  readonly state: Pick<State, "audit" | "pin">;
  readonly replace: (handles: Handles) => void;
  readonly log: Log;
};

/**
 * Reads the catalog again at each SIGHUP, one after the other. A catalog with any problem, or a Slack that does not
 * answer, changes nothing: the one before stays and the log says why. Otherwise the audit log has its digest first, then
 * it is in use as a whole. What runs goes on with the plan that was approved. Returns the function that ends this.
 */
export function reloadAtSighup(deps: ReloadDeps): () => void {
  let last = Promise.resolve();
  const again = () => {
    last = last.then(() => reload(deps));
  };
  process.on("SIGHUP", again);
  return () => {
    process.off("SIGHUP", again);
  };
}

async function reload(deps: ReloadDeps): Promise<void> {
  try {
    const read = await readAgain(deps);
    if ("problems" in read) {
      deps.log.warn({ problems: read.problems }, "the catalog was not taken over; the one before stays in use");
      return;
    }
    const actor = { kind: "os", id: userInfo().username } as const;
    await deps.state.audit({ actor, verb: "reload", rotationId: undefined, detail: `catalog ${read.digest}` });
    deps.replace(read.handles);
    deps.log.info({ digest: read.digest }, "the catalog was read again and is in use");
  } catch (error) {
    const { code, sentence } = explain(error);
    deps.log.warn({ code, sentence }, "the catalog could not be read again; the one before stays in use");
  }
}

async function readAgain({
  file,
  kinds,
  references,
  client,
  team,
  demo,
  state,
}: ReloadDeps): Promise<
  { readonly handles: Handles; readonly digest: string } | { readonly problems: readonly string[] }
> {
  const loaded = await loadCatalogFile(file, kinds, references);
  if ("problems" in loaded) {
    return { problems: loaded.problems.map(sentenceOfProblem) };
  }
  if (loaded.catalog.demo !== demo) {
    return { problems: [`this bot was started for a ${demo ? "demo" : "real"} catalog`] };
  }
  const handles = await resolveHandles(client, loaded.catalog, team);
  const problems = [...handles.problems, ...(await movedHandles(state, handles))];
  return problems.length > 0
    ? { problems: problems.map(({ sentence, hint }) => `${sentence} (${hint})`) }
    : { handles, digest: loaded.digest };
}

function sentenceOfProblem(problem: {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly sentence: string;
  readonly found: string;
}): string {
  const { file, line, column, sentence, found } = problem;
  return `${file}:${String(line)}:${String(column)} ${sentence}: ${found}`;
}
