import { performance } from "node:perf_hooks";
import type { Resolved } from "../core/desk/deps.ts";
import { KeyturnError } from "../core/errors.ts";
import { startWorkers } from "../jobs/workers.ts";
import { refuseVolatile } from "../state/volatile.ts";
import type { Mention } from "../views/parts.ts";
import { makeApp, slackClient } from "./app.ts";
import { serveCollect } from "./collect-door.ts";
import { forgetEnvironment, readSettings, type Settings } from "./config.ts";
import { openDirectory, type SlackDirectory } from "./directory.ts";
import { serveHealth } from "./health.ts";
import { kindsFor } from "./kinds.ts";
import { loadCatalogFile } from "./load-catalog.ts";
import { makeLog, slackLogger } from "./logger.ts";
import { movedHandles } from "./moved-handles.ts";
import { openPace } from "./post-pace.ts";
import { reloadAtSighup } from "./reload.ts";
import { type Handles, resolveHandles } from "./resolve-handles.ts";
import { untilToldToEnd } from "./signals.ts";
import { openThread } from "./thread.ts";
import { wire } from "./wire.ts";
import { pinnedWorkspace, refuseMixture } from "./workspace.ts";
import { takeUpChanges } from "./workspace-changes.ts";

/**
 * The bot, until SIGTERM or SIGINT: then what runs hands over between two steps, and everything is closed in order.
 * Resolves with the exit code: 0, or 1 after naming everything that is missing or wrong, all at once.
 */
export async function runBot(): Promise<number> {
  const read = readSettings();
  if ("missing" in read) {
    return refuseToStart(read.missing.map(({ sentence, hint }) => `${sentence}\n    ${hint}`));
  }
  forgetEnvironment();
  const { settings } = read;
  const kinds = kindsFor(settings);
  const loaded = await loadCatalogFile(settings.catalogFile, kinds);
  if ("problems" in loaded) {
    return refuseToStart(
      loaded.problems.map(
        ({ file, line, column, sentence, found, hint }) =>
          `${file}:${String(line)}:${String(column)} ${sentence}: ${found}\n    ${hint}`,
      ),
    );
  }
  const { catalog } = loaded;
  if (settings.database.kind === "embedded" && !catalog.demo) {
    await refuseVolatile(settings.database.dataFolder);
  }
  const log = makeLog();
  const logger = slackLogger(log);
  const client = slackClient(settings.slack, logger);
  const late: { directory: SlackDirectory | undefined; handles: Handles | undefined } = {
    directory: undefined,
    handles: undefined,
  };
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
    const { team } = await pinnedWorkspace(client, wired.state);
    const directory = openDirectory(client, { team, log, monotonicMs: () => performance.now() });
    late.directory = directory;
    const handles = await resolveHandles(client, catalog, team);
    const problems = [...handles.problems, ...(await movedHandles(wired.state, handles))];
    if (problems.length > 0) {
      return refuseToStart(problems.map(({ sentence, hint }) => `${sentence}\n    ${hint}`));
    }
    late.handles = handles;
    const endReload = reloadAtSighup({
      file: settings.catalogFile,
      kinds,
      client,
      team,
      demo: catalog.demo,
      state: wired.state,
      replace: (fresh) => {
        late.handles = fresh;
      },
      log,
    });
    const mention = (label: string) => ready(late.handles).mention(label);
    const resolved = () => ready(late.handles).resolved;
    await serve(settings, wired, { team, client, log, logger, directory, resolved, mention });
    endReload();
    return 0;
  } finally {
    await wired.close();
  }
}

type Wired = Awaited<ReturnType<typeof wire>>;
type Slack = {
  readonly team: string;
  readonly client: ReturnType<typeof slackClient>;
  readonly log: ReturnType<typeof makeLog>;
  readonly logger: ReturnType<typeof slackLogger>;
  readonly directory: SlackDirectory;
  readonly resolved: () => Resolved;
  readonly mention: (label: string) => Mention | undefined;
};

async function serve(
  settings: Settings,
  wired: Wired,
  { team, client, log, logger, directory, resolved, mention }: Slack,
): Promise<void> {
  const thread = openThread({
    state: wired.state,
    client,
    pace: openPace(() => performance.now()),
    log,
    members: directory.shown,
    mention,
  });
  const changes = takeUpChanges({
    directory,
    resolved,
    state: wired.state,
    project: thread.project,
    show: wired.queues.show,
    log,
  });
  const app = makeApp(
    settings.slack,
    { desk: wired.desk, firstTime: wired.state.firstTime, team, threadOf: thread.threadOf, changes, log },
    logger,
  );
  const workers = startWorkers({
    queues: wired.queues,
    advance: wired.advance,
    project: thread.project,
    due: wired.state.due,
    orphaned: wired.state.orphaned,
    hourly: wired.prune,
    concurrency: settings.concurrency,
    log,
  });
  await app.start(settings.slack.mode === "http" ? settings.slack.port : 0);
  const stopHealth =
    settings.healthPort === undefined
      ? undefined
      : await serveHealth(settings.healthPort, async () => ({
          database: (await wired.state.now()).length > 0,
          slack: changes.cutOffBecause() === undefined && (await client.auth.test()).ok,
        }));
  const stopPage =
    settings.page?.port === undefined
      ? undefined
      : await serveCollect(settings.page.port, { desk: wired.desk, monotonicMs: () => performance.now(), log });
  log.info({ holder: wired.holder, mode: settings.slack.mode }, "keyturn is running");
  await untilToldToEnd(wired.databaseEnded);
  log.info({ holder: wired.holder }, "keyturn hands over and ends");
  await stopPage?.();
  await workers.drain();
  await app.stop();
  await stopHealth?.();
}

function ready<T>(value: T | undefined): T {
  if (value === undefined) {
    throw new KeyturnError("starting", "keyturn is still starting");
  }
  return value;
}

function refuseToStart(problems: readonly string[]): number {
  process.stderr.write(`keyturn cannot start:\n${problems.map((problem) => `  - ${problem}\n`).join("")}`);
  return 1;
}
