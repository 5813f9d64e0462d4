import { approvalCard } from "../views/approval-card.ts";
import { decisionOf } from "../views/decision.ts";
import { slackTryLater } from "./slack-errors.ts";
import { type Outcome, postOnce, updateIfChanged } from "./thread-post.ts";
import { type Scene, standing, wordsOnly } from "./thread-scene.ts";

/** Posts the approval card in the policy's channel, and takes its buttons away once it is decided. */
export async function showCard(scene: Scene): Promise<Outcome> {
  const { deps, id, hold, events, rotation, votes } = scene;
  const decided = decisionOf(events);
  const { card } = hold.now();
  if (card === undefined && decided !== undefined) {
    return { kind: "done" };
  }
  const approval =
    decided === undefined
      ? await standing(
          scene,
          votes.filter(({ subject }) => subject === "plan"),
          rotation.digest,
        )
      : undefined;
  const rendered = approvalCard({ rotation, approval }, decided);
  const renderings = [rendered, wordsOnly(rendered)];
  if (card !== undefined) {
    return updateIfChanged(deps, id, hold, card, renderings, (posted) => ({
      ...hold.now(),
      card: posted,
    }));
  }
  const posted = await postOnce(
    deps,
    id,
    hold,
    "card",
    { channel: rotation.plan.policy.channel.id },
    renderings,
    (sent) => ({ ...hold.now(), card: sent }),
  );
  if (posted.kind === "refused") {
    throw slackTryLater(posted, undefined);
  }
  return posted;
}
