import { advance } from "../src/core/engine.ts";
import { openStage, type Stage } from "../test/engine/stage.ts";
import { freshDatabase } from "../test/servers/fresh-database.ts";
import type { Postgres } from "../test/servers/postgres.ts";
import { newFolder } from "../test/servers/run-folder.ts";
import { startWireProxy, type WireProxy } from "../test/servers/wire-proxy.ts";
import { type Meter, metered, newMeter } from "./meter.ts";
import { type QuietApp, startQuietApp } from "./quiet-app.ts";
import { askBare, type Call, recordCalls, runBare, sendAgain, touchFile } from "./raw-calls.ts";
import { median, type Row, time } from "./table.ts";
import { catalogOf, makePlace, noWaits, type Place, referencesOf, rolesAsTheyAre, targetOf } from "./target.ts";

const rounds = 5;

type Round = {
  readonly actMs: number;
  readonly safetyMs: number;
  readonly journalMs: number;
  readonly journalStatements: number;
  readonly reloadMs: number;
  readonly floorMs: number;
  readonly bareReloadMs: number;
  readonly commands: number;
  readonly safetyCommands: number;
};

/**
 * Whole PostgreSQL rotations (dual, no waits), each against the very same calls made bare: the same logins and statements
 * through the same proxy, as many reads and writes of the file, the same reload commands, as many pages.
 */
export async function engineTime(): Promise<readonly Row[]> {
  await using database = await freshDatabase();
  const folder = newFolder("bench");
  await using proxy = await startWireProxy({ protocol: "postgres", port: database.server.port });
  const place = await makePlace(database.server, folder);
  const meter = newMeter();
  const app = await startQuietApp(folder, place, {
    onAsked: () => {
      meter.counts.pages += meter.part() === "act" ? 1 : 0;
    },
  });
  const stage = await openStage({
    databaseUrl: database.url,
    folder,
    catalog: catalogOf([targetOf(place, { port: proxy.port, ...app, times: noWaits })]),
    references: referencesOf([place]),
    programs: ["/bin", "/usr/bin"],
    kinds: (kinds) => metered(kinds, meter),
  });
  const measured: Round[] = [];
  for (let round = 0; round <= rounds; round++) {
    const one = await rotateOnce({ stage, server: database.server, place, app, meter, proxy });
    if (round > 0) measured.push(one);
  }
  await stage.close();
  app.close();
  return rowsOf(measured);
}

type Scene = {
  readonly stage: Stage;
  readonly server: Postgres;
  readonly place: Place;
  readonly app: QuietApp;
  readonly meter: Meter;
  readonly proxy: WireProxy;
};

async function rotateOnce({ stage, server, place, app, meter, proxy }: Scene): Promise<Round> {
  const rotationId = await stage.approved();
  await stage.state.notices.accept(rotationId, "retire");
  const before = await rolesAsTheyAre(server, place);
  meter.reset();
  proxy.reset();
  const recorder = recordCalls(proxy.port, meter.part);
  const state: Stage["state"] = {
    ...stage.state,
    append: async (lease, seq, append) => {
      const appended = await stage.state.append(lease, seq, append);
      for (const event of append.events) meter.passed(event);
      return appended;
    },
  };
  for (let look = 0; look < 50; look++) {
    meter.start();
    const advanced = await advance({ ...stage.deps, state }, rotationId, new AbortController().signal);
    meter.stop();
    if (advanced.kind !== "again") break;
    await new Promise((resolve) => setTimeout(resolve, advanced.afterMs));
  }
  recorder.stop();
  const { ended, block } = await stage.rotation(rotationId);
  if (ended?.status !== "done") throw new Error(`the rotation did not end well: ${JSON.stringify([ended, block])}`);
  const { act: actMs, safety: safetyMs } = meter.spent();
  const seen = proxy.commands().length;
  const acting = actingCalls(recorder.calls());
  if (recorder.calls().length !== seen)
    throw new Error(`${String(recorder.calls().length)} of ${String(seen)} commands were recorded`);
  const after = await rolesAsTheyAre(server, place);
  await server.query(before);
  const { pages, reloadMs, ...file } = meter.counts;
  const bareReloadMs = await runBare(app.reloads);
  const floorMs =
    (await sendAgain(acting)) + (await touchFile(place.envFile, file)) + (await askBare(`${app.url}/one`, pages));
  if ((await rolesAsTheyAre(server, place)) !== after)
    throw new Error("the bare calls did not do what the rotation did");
  return {
    actMs,
    safetyMs,
    journalMs: recorder.other().ms,
    journalStatements: recorder.other().statements,
    reloadMs,
    floorMs: floorMs + bareReloadMs,
    bareReloadMs,
    commands: acting.length,
    safetyCommands: seen - acting.length,
  };
}

/** The statements of the acting part, and the logins that they need. */
function actingCalls(calls: readonly Call[]): readonly Call[] {
  const needed = new Set(calls.filter(({ part }) => part === "act").map(({ connection }) => connection));
  return calls.filter(({ kind, part, connection }) => part === "act" || (kind === "connect" && needed.has(connection)));
}

function rowsOf(all: readonly Round[]): readonly Row[] {
  const of = (pick: (round: Round) => number): number => median(all.map(pick));
  const ratio = of(({ actMs, floorMs }) => actMs / floorMs);
  const apart = of(({ actMs, floorMs, reloadMs, bareReloadMs }) => (actMs - reloadMs) / (floorMs - bareReloadMs));
  const note = `median of ${String(all.length)} rotations. Of the time, ${time(of((round) => round.journalMs))} are the journal's own ${String(of((round) => round.journalStatements))} statements and ${time(of((round) => round.reloadMs))} the two supervised reloads (bare: ${time(of((round) => round.bareReloadMs))}, a copy of a file). Not in it: the reads of the gates, ${String(of((round) => round.safetyCommands))} commands, ${time(of((round) => round.safetyMs))}.`;
  return [
    {
      what: `engine time of a PostgreSQL rotation (dual), ${String(of(({ commands }) => commands))} commands`,
      measured: time(of(({ actMs }) => actMs)),
      floor: time(of(({ floorMs }) => floorMs)),
      ratio,
      promise: "at most 1.5x",
      kept: ratio <= 1.5,
      note,
    },
    {
      what: "the same without the reload commands, on both sides",
      measured: time(of(({ actMs, reloadMs }) => actMs - reloadMs)),
      floor: time(of(({ floorMs, bareReloadMs }) => floorMs - bareReloadMs)),
      ratio: apart,
    },
  ];
}
