import { performance } from "node:perf_hooks";
import type { App } from "@slack/bolt";
import type { Resolved } from "../core/desk/deps.ts";
import type { Changes } from "../handlers/deps.ts";
import { startWorkers } from "../jobs/workers.ts";
import type { Mention } from "../views/parts.ts";
import { makeApp, type slackClient, startApp } from "./app.ts";
import { serveCollect } from "./collect-door.ts";
import type { Settings } from "./config.ts";
import type { SlackDirectory } from "./directory.ts";
import { serveHealth } from "./health.ts";
import { joinSlack } from "./join-slack.ts";
import { listening } from "./listening.ts";
import type { makeLog, slackLogger } from "./logger.ts";
import { openPace } from "./post-pace.ts";
import { untilToldToEnd } from "./signals.ts";
import { isAway } from "./slack-errors.ts";
import { openThread, type Thread } from "./thread.ts";
import type { Wired } from "./wire.ts";
import { takeUpChanges } from "./workspace-changes.ts";

type Serving = {
  readonly settings: Settings;
  readonly wired: Wired;
  readonly team: string;
  readonly client: ReturnType<typeof slackClient>;
  readonly log: ReturnType<typeof makeLog>;
  readonly logger: ReturnType<typeof slackLogger>;
  readonly directory: SlackDirectory;
  readonly resolved: () => Resolved;
  readonly mention: (label: string) => Mention | undefined;
  /** See `meetSlack`; nothing is wrong once it was met. */
  readonly meet: () => Promise<readonly string[]>;
};
type Parts = {
  readonly thread: Thread;
  readonly changes: Changes & { readonly cutOffBecause: () => string | undefined };
};
type Joined = { readonly app: App } | { readonly problems: readonly string[] };

/**
 * Opens the ports, works, and joins Slack as soon as it answers; ends when told to, everything in order, also after an error.
 * Returns what stands in the way of joining, or nothing.
 */
export async function serve(serving: Serving): Promise<readonly string[]> {
  const { wired, log, settings } = serving;
  const told = untilToldToEnd(wired.databaseEnded);
  const problems = await unlessAway(serving.meet);
  if (problems.length > 0) {
    return problems;
  }
  const parts = partsOf(serving);
  let listens = false;
  const closePorts = await openPorts(serving, () => listens && parts.changes.cutOffBecause() === undefined);
  const workers = workersOf(serving, parts);
  let joined: Joined | undefined;
  try {
    joined = await joinSlack({ join: () => join(serving, parts), leave, told, log });
    if (joined !== undefined && "app" in joined) {
      listens = true;
      log.info({ holder: wired.holder, mode: settings.slack.mode }, "keyturn is running");
      await told;
    }
  } finally {
    log.info({ holder: wired.holder }, "keyturn hands over and ends");
    await closePorts.page();
    await workers.drain();
    await leave(joined);
    await closePorts.health();
  }
  return joined !== undefined && "problems" in joined ? joined.problems : [];
}

async function unlessAway(meet: Serving["meet"]): Promise<readonly string[]> {
  try {
    return await meet();
  } catch (error) {
    if (isAway(error)) {
      return [];
    }
    throw error;
  }
}

function partsOf({ wired, client, log, directory, mention, resolved }: Serving): Parts {
  const { state } = wired;
  const pace = openPace(() => performance.now());
  const thread = openThread({ state, client, pace, log, members: directory.shown, mention });
  const { project } = thread;
  return {
    thread,
    changes: takeUpChanges({ directory, resolved, state, project, show: wired.queues.show, log }),
  };
}

function workersOf({ wired, settings, log }: Serving, { thread }: Parts): ReturnType<typeof startWorkers> {
  return startWorkers({
    queues: wired.queues,
    advance: wired.advance,
    project: thread.project,
    due: wired.state.due,
    orphaned: wired.state.orphaned,
    hourly: wired.prune,
    concurrency: settings.concurrency,
    log,
  });
}

async function join({ settings, wired, team, log, logger, meet }: Serving, parts: Parts): Promise<Joined> {
  const problems = await meet();
  if (problems.length > 0) {
    return { problems };
  }
  const { thread, changes } = parts;
  const deps = { desk: wired.desk, firstTime: wired.state.firstTime, team, threadOf: thread.threadOf, changes, log };
  const app = makeApp(settings.slack, deps, logger);
  await startApp(app, settings.slack);
  return { app };
}

async function leave(joined: Joined | undefined): Promise<void> {
  if (joined !== undefined && "app" in joined) {
    await joined.app.stop();
  }
}

type Close = () => Promise<void>;

async function openPorts(
  { settings, wired, client, log }: Serving,
  listens: () => boolean,
): Promise<{ readonly page: Close; readonly health: Close }> {
  const none: Close = () => Promise.resolve();
  const { healthPort, page } = settings;
  const health =
    healthPort === undefined
      ? none
      : await listening("KEYTURN_HEALTH_PORT", healthPort, () =>
          serveHealth(healthPort, async () => ({
            database: (await wired.state.now()).length > 0,
            slack: listens() && (await answers(client)),
          })),
        );
  const port = page?.port;
  if (port === undefined) {
    return { page: none, health };
  }
  const collect = { desk: wired.desk, monotonicMs: () => performance.now(), log };
  try {
    return { page: await listening("KEYTURN_PAGE_PORT", port, () => serveCollect(port, collect)), health };
  } catch (error) {
    await health();
    throw error;
  }
}

async function answers(client: Serving["client"]): Promise<boolean> {
  return client.auth.test().then(
    ({ ok }) => ok,
    () => false,
  );
}
