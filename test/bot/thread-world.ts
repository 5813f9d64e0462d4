import { WebClient } from "@slack/web-api";
import { demoSeed } from "../../sandbox/workspace/demo-seed.ts";
import type { Workspace } from "../../sandbox/workspace/server.ts";
import { startWorkspace } from "../../sandbox/workspace/server.ts";
import type { Message } from "../../sandbox/workspace/world.ts";
import { openPace, type Pace } from "../../src/bot/post-pace.ts";
import { openThread, type Thread } from "../../src/bot/thread.ts";
import { backgroundOptions } from "../../src/bot/thread-post.ts";
import type { ThreadDeps } from "../../src/bot/thread-scene.ts";
import type { Event } from "../../src/core/events.ts";
import { headlineOf } from "../../src/core/headline.ts";
import type { Actor, State } from "../../src/core/state.ts";
import { held } from "../contract/state-samples.ts";
import { stateWorld } from "../state/world.ts";
import { rotationId, rotationOf } from "../views/sample.ts";

export const support = "C0SUPPORT";
export const secops = "C0SECOPS";
const members: Readonly<Record<string, readonly string[]>> = {
  "@security": ["U0ADA", "U0GRACE"],
  "@oncall": ["U0OLIVIA", "U0LIN"],
};

/** A workspace that limits nothing needs no pace. */
const atOnce: Pace = { turn: () => ({ kind: "go", inMs: 0 }), hush: () => undefined };

export type ThreadWorld = AsyncDisposable & {
  readonly workspace: Workspace;
  readonly state: State;
  /** The journal so far, written as the engine would. */
  readonly write: (events: readonly Event[]) => Promise<void>;
  /** Another rotation, with its whole journal at once. */
  readonly add: (id: string, events: readonly Event[]) => Promise<void>;
  readonly vote: (actor: Actor, subject: string, digest: string) => Promise<void>;
  readonly thread: Thread;
  /** Another process with its own client and view of the database. */
  readonly other: Thread;
  /** The replies below the root, without it. */
  readonly replies: () => readonly string[];
  readonly messages: (channel: string) => readonly Message[];
};

/** Real PostgreSQL, a workspace, and two processes that project. */
export async function threadWorld(
  options: { readonly enforceTiers?: boolean; readonly channels?: readonly string[] } = {},
): Promise<ThreadWorld> {
  const world = await stateWorld();
  const seed = demoSeed();
  const further = (options.channels ?? []).map((id) => ({ id, name: id.toLowerCase(), topic: "", botIsMember: true }));
  const channels = [...seed.channels, ...further];
  const workspace = await startWorkspace({ seed: { ...seed, channels, enforceTiers: options.enforceTiers ?? false } });
  const written: Event[] = [];
  const deps = (state: State): ThreadDeps => ({
    state,
    client: new WebClient(workspace.botToken, backgroundOptions(workspace.apiUrl)),
    pace: options.enforceTiers === true ? openPace(() => performance.now()) : atOnce,
    log: world.log,
    members: async ({ label }) => members[label] ?? [],
    mention: (label) => (label === "@platform" ? { kind: "group", id: "S0PLATFORM" } : undefined),
  });
  const ours = (channel: string) => workspace.inspect.messages(channel).filter(({ botId }) => botId !== undefined);
  return {
    workspace,
    state: world.state,
    write: async (events) => {
      const seq = written.length;
      written.push(...events);
      const append = { events, headline: headlineOf(rotationOf(written)) };
      if (seq === 0) {
        await world.state.create(rotationId, append);
        return;
      }
      const lease = await held(world.state, rotationId);
      await world.state.append(lease, seq, append);
      await world.state.release(lease);
    },
    add: async (id, events) => {
      const headline = { ...headlineOf(rotationOf(events)), id };
      await world.state.create(id, { events, headline });
    },
    vote: async (actor, subject, digest) => {
      await world.state.addVote(
        { rotationId, actor, decision: "approve", digest, subject },
        { actor, verb: "vote", rotationId, detail: "" },
      );
    },
    thread: openThread(deps(world.state)),
    other: openThread(deps(world.other)),
    messages: ours,
    replies: () => {
      const [root] = ours(support);
      return root === undefined
        ? []
        : workspace.inspect
            .thread(support, root.ts)
            .slice(1)
            .map(({ text }) => text);
    },
    [Symbol.asyncDispose]: async () => {
      await workspace.close();
      await world[Symbol.asyncDispose]();
    },
  };
}
