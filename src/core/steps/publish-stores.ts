import { decide } from "../decide.ts";
import { explain, GiveUp, KeyturnError, LeaseLost, TryLater } from "../errors.ts";
import type { Store } from "../ports.ts";
import { evolve, touched } from "../rotation.ts";
import type { StepContext } from "../step.ts";
import { seenInStores } from "../stored.ts";
import { elapsedMs } from "../time.ts";
import { dryRun, labelOf, publishTo } from "./publish-store.ts";

/**
 * Writes our keys in every store of the plan. Forward: a dry run of all first, then one after the other, and the first that fails
 * ends it, because what stands in the stores is to be one thing. On the way back each is judged and written for itself: one that
 * cannot be reached keeps no other one from being put back. Returns what was done, a sentence for each.
 *
 * Throws what kept it, with what each store was seen to hold where people must know it: GiveUp when only a person can help.
 */
export async function publishToAll(context: StepContext): Promise<readonly string[]> {
  return context.rotation().direction === "back" ? backToAll(context) : forwardToAll(context);
}

type Problem = { readonly index: number; readonly error: unknown };

async function forwardToAll(context: StepContext): Promise<readonly string[]> {
  const sentences: string[] = [];
  const stores = await context.open.stores();
  for (const [index, store] of stores.entries()) {
    await orTell(context, index, () => dryRun(context, store, index));
  }
  for (const [index, store] of stores.entries()) {
    sentences.push(await orTell(context, index, () => publishTo(context, store, index)));
  }
  return sentences;
}

async function orTell<T>(context: StepContext, index: number, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    const isTouched = Object.keys(context.state().effects).length > 0;
    if (error instanceof LeaseLost || !isTouched || (await goesBack(context, error))) {
      throw error;
    }
    throw await told(context, [{ index, error }]);
  }
}

/** Whether the engine will put all stores back by itself: then what they hold now is not what people have to know. */
async function goesBack(context: StepContext, error: unknown): Promise<boolean> {
  if (!(error instanceof GiveUp)) {
    return false;
  }
  const at = await context.now();
  const event = { type: "step_failed", step: context.step.id, reason: { ...explain(error) } } as const;
  const failed = evolve(context.rotation(), { seq: context.rotation().seq + 1, at, epoch: 0, event });
  return decide(failed, at).kind === "turn-back";
}

/** How long what may pass is waited for, where something else needs a person in any case. */
const patienceMs = 60_000;

async function backToAll(context: StepContext): Promise<readonly string[]> {
  if (isSecondCut(context)) {
    await forEach(context, dryRun);
  }
  return forEach(context, publishTo);
}

/** The issuer takes the new one only: an old one in some of the stores would be worse than none, so all of them must be writable first. */
function isSecondCut(context: StepContext): boolean {
  const { plan, steps } = context.rotation();
  const isCut = plan.steps.some(
    ({ id, kind }) => kind === "issue" && touched(context.rotation(), id) && steps[id]?.status !== "failed",
  );
  return plan.rotator.overlap === "single" && isCut && Object.keys(context.state().effects).length === 0;
}

/** Of every store, whatever becomes of the others. Throws all that went wrong as one error. */
async function forEach<T>(
  context: StepContext,
  act: (context: StepContext, store: Store, index: number) => Promise<T>,
): Promise<readonly T[]> {
  const answers: T[] = [];
  const problems: Problem[] = [];
  for (const [index, store] of (await context.open.stores()).entries()) {
    try {
      answers.push(await act(context, store, index));
    } catch (error) {
      if (error instanceof LeaseLost) {
        throw error;
      }
      problems.push({ index, error });
    }
  }
  if (problems.length > 0) {
    throw await told(context, problems);
  }
  return answers;
}

/** All problems as one error: final when there is nothing left that waiting could mend. */
async function told(context: StepContext, problems: readonly Problem[]): Promise<KeyturnError> {
  const passing = problems.filter(({ error }) => !(error instanceof GiveUp));
  const final = problems.filter(({ error }) => error instanceof GiveUp);
  const seen = await seenInStores(context);
  const sentence = [...[...final, ...passing].map((problem) => named(context, problem)), seen].join("; ");
  const isFinal = passing.length === 0 || (final.length > 0 && (await wasPatient(context, final)));
  const { code } = explain((isFinal ? final : passing)[0]?.error);
  const hint = hintOf(final.length > 0 ? final : passing);
  if (isFinal) {
    return new GiveUp(code, sentence, { hint });
  }
  if (!passing.every(({ error }) => error instanceof TryLater)) {
    return new KeyturnError(code, sentence, { hint });
  }
  const waits = passing.flatMap(({ error }) =>
    error instanceof TryLater && error.afterMs !== undefined ? [error.afterMs] : [],
  );
  return new TryLater(code, sentence, { hint, ...(waits.length === 0 ? {} : { afterMs: Math.min(...waits) }) });
}

/** Its own words are told with the rest: only what is thrown is redacted. */
async function wasPatient(context: StepContext, final: readonly Problem[]): Promise<boolean> {
  const refused = final.map(({ index, error }) => `${labelOf(context, index)} (${explain(error).code})`).join(", ");
  const since = await context.note("refused", `needs a person: ${refused}`);
  return elapsedMs(since, await context.now()) >= patienceMs;
}

function named(context: StepContext, { index, error }: Problem): string {
  const { sentence } = explain(error);
  const label = labelOf(context, index);
  return sentence.startsWith(label) ? sentence : `${label}: ${sentence}`;
}

function hintOf(problems: readonly Problem[]): string | undefined {
  const hints = new Set(problems.map(({ error }) => explain(error).hint ?? "").filter((hint) => hint !== ""));
  return hints.size === 0 ? undefined : [...hints].join("; ");
}
