import { demoSeed } from "../sandbox/workspace/demo-seed.ts";
import { startWorkspace } from "../sandbox/workspace/server.ts";
import { slackClient } from "../src/bot/app.ts";
import { makeLog, slackLogger } from "../src/bot/logger.ts";
import { openPace } from "../src/bot/post-pace.ts";
import { openThread } from "../src/bot/thread.ts";
import type { EventOf } from "../src/core/events.ts";
import { Secret } from "../src/core/secret.ts";
import { openQueues } from "../src/jobs/queues.ts";
import { startWorkers } from "../src/jobs/workers.ts";
import { openStage, type Stage } from "../test/engine/stage.ts";
import { silent } from "../test/jobs/silent.ts";
import { freshDatabase } from "../test/servers/fresh-database.ts";
import { newFolder } from "../test/servers/run-folder.ts";
import { busyRotation } from "./busy-rotation.ts";
import { startQuietApp } from "./quiet-app.ts";
import type { Row } from "./table.ts";
import { catalogOf, makePlace, noWaits, referencesOf, targetOf } from "./target.ts";

const numbers = [1, 10, 50] as const;
/** Each rotation changes this often. */
const everyMs = 3_000;
const minuteMs = 60_000;
const limit = 40;

/** One minute of 1, 10 and 50 rotations that all move, each number in a workspace and on a queue of its own, side by side. */
export async function slackCalls(): Promise<readonly Row[]> {
  return Promise.all(
    numbers.map(async (rotations) => {
      const { updates, posts, changes } = await oneMinute(rotations);
      return {
        what: `Slack calls in one minute, ${String(rotations)} ${rotations === 1 ? "rotation that moves" : "rotations that move"}`,
        measured: `${String(updates + posts)}: ${String(updates)} updates, ${String(posts)} posts`,
        floor: `${String(changes)} changes`,
        ratio: (updates + posts) / changes,
        promise: `at most ${String(limit)} updates`,
        ...(updates === 0 ? {} : { kept: updates <= limit }),
        note: "the thread jobs of the bot, with their limiter, against the workspace of the sandbox; the minute begins with the first post of each thread. Each rotation changes every 3 s; posts are the messages that come new (roots, cards, replies), spaced at one a second in each channel. Kept is left open where no update came in that minute at all: then the first posts used up every job",
      };
    }),
  );
}

async function oneMinute(rotations: number) {
  await using database = await freshDatabase();
  const folder = newFolder("bench");
  const place = await makePlace(database.server, folder);
  const app = await startQuietApp(folder, place);
  const stage = await openStage({
    databaseUrl: database.url,
    folder,
    catalog: catalogOf([targetOf(place, { ...app, times: noWaits })]),
    references: referencesOf([place]),
    programs: ["/bin", "/usr/bin"],
  });
  const requested = await requestOf(stage);
  const workspace = await startWorkspace({ seed: demoSeed() });
  const log = silent;
  const client = slackClient(
    {
      mode: "socket",
      botToken: new Secret(workspace.botToken),
      appToken: new Secret(workspace.appToken),
      apiUrl: workspace.apiUrl,
    },
    slackLogger(makeLog()),
  );
  const thread = openThread({
    state: stage.state,
    client,
    pace: openPace(() => performance.now()),
    log,
    members: () => Promise.resolve(["U0ADA", "U0LIN"]),
    mention: () => undefined,
  });
  const queues = openQueues({ postgres: { connectionString: database.url } }, log);
  const workers = startWorkers({
    queues,
    advance: () => Promise.resolve({ kind: "waiting" }),
    project: thread.project,
    due: () => Promise.resolve([]),
    concurrency: 8,
    log,
  });
  const busy = [];
  for (let index = 0; index < rotations; index++) {
    busy.push(await busyRotation(stage.state, `slack${String(index)}`, requested));
  }
  const began = performance.now();
  let changes = 0;
  await Promise.all(
    busy.map(async ({ id, move }, index) => {
      await new Promise((resolve) => setTimeout(resolve, (everyMs * index) / rotations));
      while (performance.now() - began < minuteMs - everyMs) {
        await move();
        await queues.show(id);
        changes += 1;
        await new Promise((resolve) => setTimeout(resolve, everyMs));
      }
    }),
  );
  await new Promise((resolve) => setTimeout(resolve, began + minuteMs - performance.now()));
  const called = (method: string): number =>
    workspace.inspect.apiCalls().filter((call) => call.method === method).length;
  const counted = { updates: called("chat.update"), posts: called("chat.postMessage"), changes };
  await workers.drain();
  await queues.close();
  await stage.close();
  await workspace.close();
  app.close();
  return counted;
}

/** A real request, moved to channels that the workspace has. */
async function requestOf(stage: Stage): Promise<EventOf<"requested">> {
  const id = await stage.approved();
  const first = (await stage.state.load(id))[0]?.event;
  if (first?.type !== "requested") throw new Error("a rotation does not begin with its request");
  const policy = { ...first.plan.policy, channel: { id: "C0SECOPS", name: "#security-ops" } };
  return { ...first, plan: { ...first.plan, policy }, origin: { channel: "C0SUPPORT" } };
}
