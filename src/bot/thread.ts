import { TryLater } from "../core/errors.ts";
import { foldRotation, type Rotation } from "../core/rotation.ts";
import { showCard } from "./thread-card.ts";
import { readCursor, threadOf } from "./thread-cursor.ts";
import { showOverrides } from "./thread-overrides.ts";
import type { Outcome } from "./thread-post.ts";
import { showReplies } from "./thread-replies.ts";
import { showRoot } from "./thread-root.ts";
import type { Scene, ThreadDeps } from "./thread-scene.ts";

export type Thread = {
  /** Brings what Slack shows of a rotation up to date with its journal. `again`: look again after that many milliseconds. Throws TryLater while Slack is away. */
  readonly project: (rotationId: string) => Promise<{ readonly again?: number }>;
  /** Where the replies of a rotation hang. */
  readonly threadOf: (rotationId: string) => Promise<{ readonly channel: string; readonly ts: string } | undefined>;
};

/**
 * The projection of journals to Slack. It decides nothing and holds no state of its own: every process may project every
 * rotation at any time, and the cursor keeps them from posting twice.
 */
export function openThread(deps: ThreadDeps): Thread {
  return {
    project: (rotationId) => project(deps, rotationId),
    threadOf: (rotationId) => threadOf(deps.state, rotationId),
  };
}

async function project(deps: ThreadDeps, id: string): Promise<{ readonly again?: number }> {
  const events = await deps.state.load(id);
  const folded = foldRotation(id, events);
  if (folded === undefined) {
    return {};
  }
  const hold = await readCursor(deps.state, id);
  const rotation = hold.now().elsewhere ? movedTo(folded, folded.plan.policy.channel.id) : folded;
  const scene: Scene = { deps, id, hold, events, rotation, votes: await deps.state.votes(id) };
  let untilMs: number | undefined;
  const limited: TryLater[] = [];
  const parts: readonly (() => Promise<Outcome>)[] = [
    () => showRoot(scene),
    () => showCard(scene),
    () => showReplies(scene),
    async () => {
      const shown = await showOverrides(scene);
      untilMs = shown.untilMs;
      return shown.outcome;
    },
  ];
  for (const part of parts) {
    const outcome = await unlessLimited(part, limited);
    if (outcome?.kind === "contended") {
      return { again: outcome.afterMs };
    }
  }
  if (limited.length > 0) {
    throw new TryLater("slack_limited", "slack asks to wait", {
      afterMs: Math.max(...limited.map(({ afterMs }) => afterMs ?? 1_000)),
    });
  }
  return untilMs === undefined ? {} : { again: untilMs };
}

/** A 429 is about one method or one channel: the other parts of the thread still may get through. */
async function unlessLimited(part: () => Promise<Outcome>, limited: TryLater[]): Promise<Outcome | undefined> {
  try {
    return await part();
  } catch (error) {
    if (error instanceof TryLater && error.code === "slack_limited") {
      limited.push(error);
      return undefined;
    }
    throw error;
  }
}

function movedTo(rotation: Rotation, channel: string): Rotation {
  return { ...rotation, origin: { channel } };
}
