import type { StepContext, StepResult } from "../step.ts";
import { elapsedMs } from "../time.ts";
import { askTopic } from "../waiting.ts";

/** Says loudly what a person has to do, now and every `remind` until it is done; the press that brings it wakes the rotation. */
export async function remindPeople(context: StepContext, sentence: string): Promise<StepResult> {
  const { remindMs } = context.plan.policy;
  const waitedMs = elapsedMs(context.state().startedAt, await context.now());
  const round = Math.floor(waitedMs / Math.max(remindMs, 1));
  await context.note(askTopic, round === 0 ? sentence : `still ${sentence}`, {
    key: `round ${String(round)}`,
    loud: true,
  });
  return { kind: "again", afterMs: Math.max(1_000, (round + 1) * remindMs - waitedMs) };
}
