import {
  type OverrideVerb,
  overrideDigest,
  overrideSubject,
  overrideValidMs,
  overrideVerbs,
  overrideVotes,
} from "../core/overrides.ts";
import type { Vote } from "../core/state.ts";
import { elapsedMs, plusMs } from "../core/time.ts";
import { overrideCard } from "../views/override-card.ts";
import { slackTryLater } from "./slack-errors.ts";
import type { Posted } from "./thread-cursor.ts";
import { type Outcome, postOnce, updateIfChanged } from "./thread-post.ts";
import { type Scene, standing, wordsOnly } from "./thread-scene.ts";

/**
 * Shows what needs the full policy again: one card in the policy's channel for each question (verb and evidence), with
 * Agree on it while its votes are valid. `untilMs`: when an open one runs out.
 */
export async function showOverrides(
  scene: Scene,
): Promise<{ readonly outcome: Outcome; readonly untilMs: number | undefined }> {
  const now = await scene.deps.state.now();
  const ends: number[] = [];
  const open = new Set<string>();
  for (const verb of scene.rotation.phase === "approved" ? overrideVerbs : []) {
    const digest = overrideDigest(scene.rotation, verb);
    const subject = overrideSubject(verb, digest);
    const votes = overrideVotes(scene.votes, subject, now);
    const first = votes.map(({ at }) => at).sort()[0];
    if (first === undefined) {
      continue;
    }
    open.add(subject);
    const until = plusMs(first, overrideValidMs);
    ends.push(Math.max(1_000, elapsedMs(now, until)));
    const outcome = await showOpen(scene, verb, digest, subject, votes, until);
    if (outcome.kind !== "done") {
      return { outcome, untilMs: undefined };
    }
  }
  for (const [subject, posted] of Object.entries(scene.hold.now().overrides)) {
    const outcome = open.has(subject) ? { kind: "done" as const } : await close(scene, subject, posted);
    if (outcome.kind !== "done") {
      return { outcome, untilMs: undefined };
    }
  }
  return { outcome: { kind: "done" }, untilMs: ends.length === 0 ? undefined : Math.min(...ends) };
}

async function showOpen(
  scene: Scene,
  verb: OverrideVerb,
  digest: string,
  subject: string,
  votes: readonly Vote[],
  until: string,
): Promise<Outcome> {
  const { deps, id, hold, rotation } = scene;
  const approval = await standing(scene, votes, digest);
  const rendered = overrideCard({
    rotation,
    verb,
    digest,
    votedBy: votes.map(({ actor }) => actor.id),
    approval,
    until,
    state: "open",
  });
  const renderings = [rendered, wordsOnly(rendered)];
  const settle = (posted: Posted) => ({ ...hold.now(), overrides: { ...hold.now().overrides, [subject]: posted } });
  const known = hold.now().overrides[subject];
  const outcome =
    known === undefined
      ? await postOnce(
          deps,
          id,
          hold,
          `override ${subject}`,
          { channel: rotation.plan.policy.channel.id },
          renderings,
          settle,
        )
      : await updateIfChanged(deps, id, hold, known, renderings, settle);
  if (outcome.kind === "refused") {
    throw slackTryLater(outcome, undefined);
  }
  return outcome;
}

/** The buttons go; what became of the question stands in the thread. */
async function close(scene: Scene, subject: string, posted: Posted): Promise<Outcome> {
  const { deps, id, hold, rotation, votes } = scene;
  const verb = overrideVerbs.find((each) => subject.startsWith(`${each}:`));
  if (verb === undefined) {
    return { kind: "done" };
  }
  const votedBy = votes.filter((vote) => vote.subject === subject).map(({ actor }) => actor.id);
  const rendered = overrideCard({
    rotation,
    verb,
    digest: "",
    votedBy,
    approval: undefined,
    until: rotation.openedAt,
    state: "over",
  });
  return updateIfChanged(deps, id, hold, posted, [rendered, wordsOnly(rendered)], (sent) => ({
    ...hold.now(),
    overrides: { ...hold.now().overrides, [subject]: sent },
  }));
}
