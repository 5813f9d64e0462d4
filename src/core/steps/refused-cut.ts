import { z } from "zod";
import { cleaned } from "../cleaned.ts";
import type { Credential } from "../credential.ts";
import { leftByRefusal, unchangedBy } from "../cut.ts";
import { GiveUp, LeaseLost } from "../errors.ts";
import type { Trial } from "../ports.ts";
import type { StepContext, StepResult } from "../step.ts";
import { commandMs, elapsedMs } from "../time.ts";

const Refusal = z.strictObject({
  attempt: z.int(),
  code: z.string(),
  sentence: z.string(),
  hint: z.string().exactOptional(),
});

/** An issuer that gives no clear answer for this long after a refusal is left to a person. */
const unclearForMs = 60_000;

/**
 * Runs the effect of a cut. A final refusal is written down and judged, because stores hold by then what nothing accepts; in any
 * other step, and where nothing leads back, it is thrown on. An answer that never came is none: it is tried again.
 */
export async function refusedForGood(
  context: StepContext,
  cut: () => Promise<unknown>,
): Promise<StepResult | undefined> {
  try {
    await cut();
    return undefined;
  } catch (error) {
    const { step, plan } = context;
    if (!(error instanceof GiveUp) || step.id !== plan.pointOfNoReturn || plan.back.length === 0) {
      throw error;
    }
    const { attempt } = context.state();
    const refusal = await cleaned(context, error);
    await context.note("refused", `the issuer refuses it: ${refusal.sentence}; looking what that has left`, {
      key: `${String(attempt)} ${refusal.code}`,
      detail: { attempt, ...refusal },
    });
    return judgeRefusal(context);
  }
}

/**
 * What a final refusal of this attempt has left: everything as it was, or not. Some services refuse in words and do it all the
 * same, so only the old credential, accepted after all the time that it could outlive a change, and a new one that is refused
 * count. A call that got no answer before may still arrive for as long as one may take. Nothing is sent again meanwhile, whoever
 * goes on: the refusal stands in the journal. Undefined: this attempt was not refused.
 */
export async function judgeRefusal(context: StepContext): Promise<StepResult | undefined> {
  const { notes, attempt } = context.state();
  const note = notes["refused"];
  const refusal = note === undefined ? undefined : Refusal.parse(note.detail);
  if (note === undefined || refusal?.attempt !== attempt) {
    return undefined;
  }
  const { deadWithinMs } = context.plan.rotator;
  const patienceMs = notes["trouble"] === undefined ? deadWithinMs : Math.max(deadWithinMs, commandMs);
  const passedMs = elapsedMs(note.at, await context.now());
  if (passedMs < patienceMs) {
    return { kind: "again", afterMs: patienceMs - passedMs };
  }
  const old = await lookAt(context, await context.credential("current"));
  const fresh = await lookAt(context, await context.credential("pending"));
  if ((old === "unknown" || fresh === "unknown") && passedMs < patienceMs + unclearForMs) {
    return { kind: "again", afterMs: 1_000 };
  }
  const isUnchanged = old !== "refused" && old !== "unknown" && fresh === "refused";
  const { attempt: _attempt, ...reason } = refusal;
  const left = `after that refusal the old credential was ${old}, the new one ${fresh}`;
  await context.note(leftByRefusal, left, {
    key: isUnchanged ? unchangedBy(attempt) : `${String(attempt)} ${old} ${fresh}`,
  });
  return { kind: "failed", reason: isUnchanged ? reason : { ...reason, sentence: `${reason.sentence}; ${left}` } };
}

/** Not one of the whole plan: there may be none in use yet. */
async function lookAt(
  { open }: StepContext,
  credential: Credential | undefined,
): Promise<Trial["verdict"] | "not there"> {
  if (credential === undefined) {
    return "not there";
  }
  try {
    return (await (await open.issuer()).test(credential)).verdict;
  } catch (error) {
    if (error instanceof LeaseLost) {
      throw error;
    }
    return "unknown";
  }
}
