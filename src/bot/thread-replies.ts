import { cutNotice } from "../core/cut.ts";
import type { StoredEvent } from "../core/events.ts";
import { evolve, foldRotation, type Rotation } from "../core/rotation.ts";
import { milestone } from "../views/milestone.ts";
import { retireNotice } from "../views/notice.ts";
import { slackTryLater } from "./slack-errors.ts";
import { type Outcome, postOnce } from "./thread-post.ts";
import { type Scene, wordsOnly } from "./thread-scene.ts";

/**
 * Posts what happened since the last look as replies, in order, each once. A reply that also is the notice of a retirement
 * or of a cut is recorded as accepted only after Slack has taken it: disable, or the cut, waits for that record.
 */
export async function showReplies(scene: Scene): Promise<Outcome> {
  const { deps, id, hold, events, rotation } = scene;
  let sofar: Rotation | undefined;
  for (const stored of events) {
    sofar = sofar === undefined ? foldRotation(id, [stored]) : evolve(sofar, stored);
    const { thread, lastSeq } = hold.now();
    if (sofar === undefined || thread === undefined || stored.seq <= lastSeq) {
      continue;
    }
    const auditHead = stored.event.type === "ended" ? await deps.state.auditHead() : "";
    const rendered = milestone(stored, {
      rotation: { ...sofar, origin: rotation.origin },
      mention: deps.mention,
      auditHead,
    });
    if (rendered === undefined) {
      continue;
    }
    const posted = await postOnce(
      deps,
      id,
      hold,
      `reply ${String(stored.seq)}`,
      { channel: thread.channel, threadTs: thread.ts },
      [rendered, wordsOnly(rendered)],
      async () => {
        const notice = noticeIn(stored);
        if (notice !== undefined) {
          await deps.state.notices.accept(id, notice);
        }
        return { ...hold.now(), lastSeq: stored.seq };
      },
    );
    if (posted.kind === "refused") {
      throw slackTryLater(posted, undefined);
    }
    if (posted.kind === "contended") {
      return posted;
    }
  }
  return skipRest(scene);
}

/** The name of the notice that this event is. */
function noticeIn({ event }: StoredEvent): string | undefined {
  if (event.type === "grace_changed" && event.reason.code === "grace_begins") {
    return retireNotice;
  }
  return event.type === "noted" && event.topic === cutNotice ? cutNotice : undefined;
}

/** Events that nobody needs to be told of are not looked at again. */
async function skipRest({ hold, events }: Scene): Promise<Outcome> {
  const last = events.at(-1)?.seq ?? 0;
  const { thread, lastSeq } = hold.now();
  if (thread === undefined || lastSeq === last) {
    return { kind: "done" };
  }
  return (await hold.save({ ...hold.now(), lastSeq: last })) ? { kind: "done" } : { kind: "contended", afterMs: 500 };
}
