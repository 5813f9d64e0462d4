import { performance } from "node:perf_hooks";
import { TryLater } from "../core/errors.ts";
import { refuseVolatile } from "../state/volatile.ts";
import { slackClient } from "./app.ts";
import { forgetEnvironment } from "./config.ts";
import { openDirectory, type SlackDirectory } from "./directory.ts";
import { makeLog, slackLogger } from "./logger.ts";
import { meetSlack } from "./meet-slack.ts";
import { readStart, type Start } from "./read-start.ts";
import { reloadAtSighup } from "./reload.ts";
import type { Handles } from "./resolve-handles.ts";
import { serve } from "./serve.ts";
import { type Wired, wire } from "./wire.ts";
import { knownWorkspace, refuseMixture } from "./workspace.ts";

/**
 * The bot, until SIGTERM or SIGINT: then what runs hands over between two steps, and everything is closed in order.
 * Resolves with the exit code: 0, or 1 after naming everything that is missing or wrong, all at once. While Slack is away it
 * goes on with what is open, if it has been in that workspace before.
 */
export async function runBot(): Promise<number> {
  const read = await readStart();
  if ("problems" in read) {
    return refuseToStart(read.problems);
  }
  forgetEnvironment();
  const { settings, kinds, catalog } = read;
  if (settings.database.kind === "embedded" && !catalog.demo) {
    await refuseVolatile(settings.database.dataFolder);
  }
  const log = makeLog();
  const late: Late = { directory: undefined, handles: undefined };
  const wired = await wire({
    settings,
    kinds,
    log,
    directory: {
      members: (group, wanted) => ready(late.directory).members(group, wanted),
      isShared: (channel) => ready(late.directory).isShared(channel),
    },
    catalog: () => ready(late.handles).resolved,
  });
  try {
    await refuseMixture(wired.state, catalog.demo, settings.slack.apiUrl);
    const problems = await run(read, wired, late, log);
    return problems.length > 0 ? refuseToStart(problems) : 0;
  } finally {
    await wired.close();
  }
}

/** What is known only once Slack has answered. */
type Late = { directory: SlackDirectory | undefined; handles: Handles | undefined };

/** Returns what stands in the way of a start, or nothing at the end. */
async function run(
  { settings, kinds, catalog }: Start,
  wired: Wired,
  late: Late,
  log: ReturnType<typeof makeLog>,
): Promise<readonly string[]> {
  const logger = slackLogger(log);
  const client = slackClient(settings.slack, logger);
  const { state } = wired;
  const team = await knownWorkspace(client, state);
  const directory = openDirectory(client, { team, log, monotonicMs: () => performance.now() });
  late.directory = directory;
  const replace = (handles: Handles) => {
    late.handles = handles;
  };
  const { catalogFile: file, references } = settings;
  const endReload = reloadAtSighup({
    file,
    kinds,
    references,
    client,
    team,
    demo: catalog.demo,
    state,
    replace,
    log,
  });
  try {
    return await serve({
      settings,
      wired,
      team,
      client,
      log,
      logger,
      directory,
      resolved: () => ready(late.handles).resolved,
      mention: (label) => ready(late.handles).mention(label),
      meet: async () => (late.handles === undefined ? meetSlack({ client, state, catalog, team, met: replace }) : []),
    });
  } finally {
    endReload();
  }
}

function ready<T>(value: T | undefined): T {
  if (value === undefined) {
    throw new TryLater("starting", "keyturn is still starting: slack has not answered yet", { afterMs: 2_000 });
  }
  return value;
}

function refuseToStart(problems: readonly string[]): number {
  process.stderr.write(`keyturn cannot start:\n${problems.map((problem) => `  - ${problem}\n`).join("")}`);
  return 1;
}
