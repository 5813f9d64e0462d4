import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { performance } from "node:perf_hooks";
import { makeResolver } from "../catalog/references.ts";
import type { DeskDeps, Resolved } from "../core/desk/deps.ts";
import { openDesk } from "../core/desk/open-desk.ts";
import { pruneOld } from "../core/desk/prune-old.ts";
import { stillPlanned } from "../core/desk/still-planned.ts";
import { advance } from "../core/engine.ts";
import type { Directory } from "../core/engine-ports.ts";
import type { Kinds } from "../core/kinds.ts";
import type { State } from "../core/state.ts";
import type { PostgresPlace } from "../jobs/backend.ts";
import { openQueues } from "../jobs/queues.ts";
import type { Log } from "../state/log.ts";
import { type OpenState, openState } from "../state/open-state.ts";
import type { Settings } from "./config.ts";
import { type Database, openDatabaseFor } from "./database.ts";

/** The program without Slack: state, queues, desk and engine, tied together in one place. */
export type Wired = {
  readonly state: OpenState;
  readonly queues: ReturnType<typeof openQueues>;
  readonly desk: ReturnType<typeof openDesk>;
  readonly advance: (rotationId: string, signal: AbortSignal) => ReturnType<typeof advance>;
  /** See `pruneOld`. */
  readonly prune: (signal: AbortSignal) => Promise<void>;
  readonly holder: string;
  readonly databaseEnded: Promise<void>;
  readonly close: () => Promise<void>;
};

/** Opens everything that does not need Slack. `directory` and `catalog` are asked at each use: they may be replaced on reload. */
export async function wire(options: {
  readonly settings: Settings;
  readonly kinds: Kinds;
  readonly directory: Directory;
  readonly catalog: () => Resolved;
  readonly log: Log;
}): Promise<Wired> {
  const { settings, log } = options;
  const database: Database = await openDatabaseFor(settings, log);
  const state = await openState({ connection: database.connection, sealKeys: settings.sealKeys, log });
  const queues = openQueues(
    settings.queueUrl === undefined ? { postgres: placeOf(database) } : { redis: settings.queueUrl.reveal() },
    log,
  );
  const holder = `${hostname()}-${String(process.pid)}-${randomBytes(4).toString("hex")}`;
  const deps: DeskDeps = {
    state: showing(state, (rotationId) => void queues.show(rotationId)),
    kinds: options.kinds,
    directory: options.directory,
    catalogStill: (plan) => stillPlanned(options, plan),
    resolve: makeResolver({
      env: settings.references,
      secretsFolder: settings.secretsFolder,
      signal: new AbortController().signal,
    }),
    monotonicMs: () => performance.now(),
    heartbeat: startHeartbeat,
    log,
    holder,
    leaseMs: settings.leaseMs,
    catalog: options.catalog,
    newId: () => `r${randomBytes(5).toString("hex")}`,
    wake: (rotationId) => queues.wake(rotationId),
    ...(settings.page === undefined ? {} : { pageUrl: settings.page.url }),
  };
  return {
    state,
    queues,
    desk: openDesk(deps),
    advance: (rotationId, signal) => advance(deps, rotationId, signal),
    prune: (signal) => pruneOld(deps, signal),
    holder,
    databaseEnded: database.ended,
    close: async () => {
      await queues.close();
      await state.close();
      await database.close();
    },
  };
}

/** Every append, press and vote also has the thread brought up to date; losing that costs nothing, the sweeper shows it later. */
function showing(state: State, show: (rotationId: string) => void): State {
  return {
    ...state,
    create: async (rotationId, append) => {
      const created = await state.create(rotationId, append);
      show(rotationId);
      return created;
    },
    append: async (lease, expectedSeq, append) => {
      const appended = await state.append(lease, expectedSeq, append);
      if (appended.kind === "appended" && appended.events.length > 0) {
        show(lease.rotationId);
      }
      return appended;
    },
    addVote: async (vote, audit) => {
      const first = await state.addVote(vote, audit);
      show(vote.rotationId);
      return first;
    },
  };
}

/** A beat that is still running is not started a second time. */
function startHeartbeat(everyMs: number, beat: () => Promise<void>): { readonly stop: () => void } {
  let beating = false;
  const timer = setInterval(() => {
    if (beating) {
      return;
    }
    beating = true;
    void beat()
      .catch(() => undefined)
      .finally(() => {
        beating = false;
      });
  }, everyMs);
  return { stop: () => clearInterval(timer) };
}

function placeOf({ connection }: Database): PostgresPlace {
  const { connectionString, host, port, user, database, password, ssl } = connection;
  return { connectionString, host, port, user, database, password, ssl };
}
