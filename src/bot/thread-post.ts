import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { WebClient, WebClientOptions } from "@slack/web-api";
import type { Log } from "../core/engine-ports.ts";
import { TryLater } from "../core/errors.ts";
import type { State } from "../core/state.ts";
import { elapsedMs } from "../core/time.ts";
import type { Rendered } from "../views/blocks.ts";
import type { Pace } from "./post-pace.ts";
import { failureOf, slackTryLater } from "./slack-errors.ts";
import { type Cursor, type CursorHold, type Posted, readCursor } from "./thread-cursor.ts";

/** What posting needs. `client`: one of its own, made with `backgroundOptions`. `pace`: one for all rotations of the process. */
export type PostDeps = {
  readonly state: Pick<State, "cursor" | "now">;
  readonly client: WebClient;
  readonly pace: Pace;
  readonly log: Log;
};
export type Place = { readonly channel: string; readonly threadTs?: string | undefined };
export type Outcome =
  | { readonly kind: "done" }
  | { readonly kind: "contended"; readonly afterMs: number }
  | { readonly kind: "refused"; readonly code: string };

/** Longer than a call with its time-out may take: then its process is gone, and what became of the call is unknown. */
const claimMs = 15_000;
const timeoutMs = 10_000;

/**
 * How the background client is made: it never repeats a call by itself (a repeated post is a second message), and one 429
 * is ours to wait for instead of stopping everything else in the client.
 */
export function backgroundOptions(apiUrl: string | undefined): WebClientOptions {
  return {
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: timeoutMs,
    ...(apiUrl === undefined ? {} : { slackApiUrl: apiUrl }),
  };
}

/**
 * Posts a message once. The intent is in the cursor first; the outcome (`settle`) replaces it. When a process dies in
 * between, nobody can know whether Slack has the message: it is posted again after `claimMs`, a rare duplicate rather
 * than a silence. Waits for the channel's turn first. `renderings`: the next one is tried when Slack does not know the blocks of the one before.
 * Throws TryLater when Slack is away or asks to wait.
 */
export async function postOnce(
  deps: PostDeps,
  rotationId: string,
  hold: CursorHold,
  what: string,
  place: Place,
  renderings: readonly Rendered[],
  settle: (posted: Posted, rendering: number) => Cursor | Promise<Cursor>,
): Promise<Outcome> {
  await ownTurn(deps.pace, place.channel);
  const at = await deps.state.now();
  const { claim } = hold.now();
  const claimedMs = claim === undefined ? claimMs : elapsedMs(claim.at, at);
  if (claimedMs < claimMs) {
    return { kind: "contended", afterMs: claimMs - claimedMs };
  }
  if (claim !== undefined) {
    deps.log.warn({ rotationId, what: claim.what }, "the outcome of a post is unknown; the message may appear twice");
  }
  if (!(await hold.save({ ...hold.now(), claim: { what, at } }))) {
    return { kind: "contended", afterMs: 500 };
  }
  const sent = await send(deps, hold, renderings, async ({ text, blocks }) => {
    const metadata = { event_type: "keyturn_rotation", event_payload: { rotation: rotationId } };
    const posting = deps.client.chat.postMessage({
      channel: place.channel,
      text,
      blocks,
      metadata,
      unfurl_links: false,
      unfurl_media: false,
      ...(place.threadTs === undefined ? {} : { thread_ts: place.threadTs }),
    });
    const answer = await posting.catch((error: unknown) => {
      const failure = failureOf(error);
      if (failure.kind === "limited") {
        deps.pace.hush(place.channel, failure.afterMs);
      }
      throw error;
    });
    return { channel: answer.channel ?? place.channel, ts: answer.ts ?? "" };
  });
  if ("code" in sent) {
    return { kind: "refused", code: sent.code };
  }
  const settled = await settle({ ...sent.result, hash: hashOf(renderings) }, sent.rendering);
  return (await hold.save(unclaimed(settled))) ? { kind: "done" } : { kind: "contended", afterMs: 500 };
}

async function ownTurn(pace: Pace, channel: string): Promise<void> {
  const turn = pace.turn(channel);
  if (turn.kind === "later") {
    throw new TryLater("slack_limited", "posts to this channel wait for their turn", { afterMs: turn.afterMs });
  }
  await sleep(turn.inMs);
}

/**
 * Brings a message up to date when it would look different now. Safe to repeat. A message that somebody
 * removed, or that Slack does not let us change, is left as it is. Throws TryLater when Slack is away or asks to wait.
 */
export async function updateIfChanged(
  deps: PostDeps,
  rotationId: string,
  hold: CursorHold,
  posted: Posted,
  renderings: readonly Rendered[],
  settle: (posted: Posted, rendering: number) => Cursor,
): Promise<Outcome> {
  const hash = hashOf(renderings);
  if (posted.hash === hash || posted.hash === givenUp) {
    return { kind: "done" };
  }
  const sent = await send(deps, hold, renderings, ({ text, blocks }) =>
    deps.client.chat.update({ channel: posted.channel, ts: posted.ts, text, blocks }),
  );
  if ("code" in sent) {
    deps.log.warn({ rotationId, code: sent.code }, "a message could not be updated");
    await hold.save(settle({ ...posted, hash: gone.has(sent.code) ? givenUp : hash }, 0));
    return { kind: "done" };
  }
  if (await hold.save(settle({ ...posted, hash }, sent.rendering))) {
    return { kind: "done" };
  }
  await forgetHashes(deps, rotationId);
  return { kind: "contended", afterMs: 500 };
}

/** The hash of a message that nobody can change any more. */
const givenUp = "given up";
const gone = new Set(["message_not_found", "cant_update_message", "edit_window_closed", "update_failed"]);
const unknownBlocks = new Set(["invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "block_mismatch"]);

async function send<T>(
  deps: PostDeps,
  hold: CursorHold,
  renderings: readonly Rendered[],
  call: (rendered: Rendered) => Promise<T>,
): Promise<{ readonly result: T; readonly rendering: number } | { readonly code: string }> {
  let code = "no_rendering";
  for (const [rendering, rendered] of renderings.entries()) {
    try {
      return { result: await call(rendered), rendering };
    } catch (error) {
      const failure = failureOf(error);
      if (failure.kind !== "refused") {
        await release(hold);
        throw slackTryLater(failure, error);
      }
      code = failure.code;
      if (!unknownBlocks.has(code)) {
        break;
      }
      deps.log.warn({ code, rendering }, "slack does not take these blocks; simpler ones are tried");
    }
  }
  await release(hold);
  return { code };
}

/** Two processes updated one message, and nobody knows which came last: whoever looks next sends it again. */
async function forgetHashes(deps: PostDeps, rotationId: string): Promise<void> {
  const fresh = await readCursor(deps.state, rotationId);
  const { root, card, ...rest } = fresh.now();
  await fresh.save({
    ...rest,
    ...(root === undefined ? {} : { root: { ...root, hash: "" } }),
    ...(card === undefined ? {} : { card: { ...card, hash: "" } }),
  });
}

async function release(hold: CursorHold): Promise<void> {
  if (hold.now().claim !== undefined) {
    await hold.save(unclaimed(hold.now()));
  }
}

function unclaimed({ claim: _settled, ...rest }: Cursor): Cursor {
  return rest;
}

function hashOf(renderings: readonly Rendered[]): string {
  return createHash("sha256")
    .update(JSON.stringify(renderings[0] ?? ""))
    .digest("base64url")
    .slice(0, 22);
}
