import { classicMessage } from "../views/classic.ts";
import { requestMessage } from "../views/request-message.ts";
import { slackTryLater } from "./slack-errors.ts";
import type { Cursor, Posted } from "./thread-cursor.ts";
import { type Outcome, postOnce, updateIfChanged } from "./thread-post.ts";
import { noSuchPlace, type Scene, standing, wordsOnly } from "./thread-scene.ts";

/** Posts the message that the thread hangs on, or brings it up to date. Where the request was made, else in the policy's channel. */
export async function showRoot(scene: Scene): Promise<Outcome> {
  const { deps, id, hold, rotation, votes } = scene;
  const pending = rotation.phase === "pending";
  const approval = pending
    ? await standing(
        scene,
        votes.filter(({ subject }) => subject === "plan"),
        rotation.digest,
      )
    : undefined;
  const shown = { rotation, approval };
  const rich = requestMessage(shown);
  const simple = classicMessage(shown);
  const renderings = hold.now().classic ? [simple, wordsOnly(simple)] : [rich, simple, wordsOnly(simple)];
  const { root, classic } = hold.now();
  const settle = (posted: Posted, rendering: number): Cursor => ({
    ...hold.now(),
    root: posted,
    classic: classic || rendering > 0,
  });
  if (root !== undefined) {
    return updateIfChanged(deps, id, hold, root, renderings, settle);
  }
  const { channel, threadTs } = rotation.origin;
  const posted = await postOnce(deps, id, hold, "root", { channel, threadTs }, renderings, (sent, rendering) => ({
    ...settle(sent, rendering),
    thread: { channel: sent.channel, ts: threadTs ?? sent.ts },
  }));
  if (posted.kind !== "refused") {
    return posted;
  }
  const fallback = rotation.plan.policy.channel.id;
  if (!noSuchPlace.has(posted.code) || hold.now().elsewhere || (channel === fallback && threadTs === undefined)) {
    throw slackTryLater(posted, undefined);
  }
  deps.log.warn({ rotationId: id, channel, code: posted.code }, "the thread goes to the policy's channel");
  await hold.save({ ...hold.now(), elsewhere: true });
  return { kind: "contended", afterMs: 1 };
}
