import type { Credential, Slot } from "../credential.ts";
import type { Trial } from "../ports.ts";
import type { StepContext, StepResult } from "../step.ts";
import { elapsedMs } from "../time.ts";
import { confirmation } from "../waiting.ts";
import { remindPeople } from "./remind.ts";

/** How long an instance may take to accept what it was restarted with. */
const patienceMs = 20_000;
/** After this long without an answer of every instance a person is asked. */
const blindMs = 900_000;

/**
 * Every instance accepts something made with the new credential, and still accepts the old one, before any instance uses the
 * new one. An application that ignores the accepted variable is found here, while nothing depends on it yet. On the way back
 * the old one was withdrawn: every instance accepts it again before any instance uses it.
 */
export async function runAccept(context: StepContext): Promise<StepResult> {
  const issuer = await context.open.issuer();
  const forward = context.step.slot === "pending";
  let whom: Trial | undefined;
  for (const slot of forward ? (["pending", "current"] as const) : (["current"] as const)) {
    const credential = await workingCredential(context, slot);
    const trial = credential === undefined ? undefined : await issuer.test(credential);
    if (trial !== undefined && trial.verdict !== "accepted") {
      return notYet(context, trial, "accept", `${which(slot)} credential is not accepted by every instance`);
    }
    whom ??= trial;
  }
  const beside = forward ? "the new credential beside the old one" : "the old credential again, beside the new one";
  const asked = (await workingCredential(context, "current")) !== undefined;
  const sentence = asked
    ? `${each(whom)} accepts ${beside}`
    : `${forward ? `${each(whom)} accepts the new credential; ` : ""}the old one was refused before anything was done, so nobody is asked for it`;
  return confirmed(context, `accepts ${beside}`, sentence);
}

/**
 * Every instance makes new things with the credential of the step, and still accepts the other one. A rotator that cannot ask
 * has no `signs`: the plan said so, and only acceptance is looked at.
 */
export async function runSign(context: StepContext): Promise<StepResult> {
  const issuer = await context.open.issuer();
  const { slot, accepted } = context.step;
  const credential = await context.credential(slot);
  const signs = credential === undefined ? undefined : await issuer.signs?.(credential);
  if (signs !== undefined && signs.verdict !== "accepted") {
    return notYet(context, signs, "sign", `not every instance uses the ${which(slot)} credential`);
  }
  const other = accepted === undefined ? undefined : await workingCredential(context, accepted);
  const trial = other === undefined ? undefined : await issuer.test(other);
  if (trial !== undefined && trial.verdict !== "accepted") {
    return notYet(
      context,
      trial,
      "accept",
      `the ${which(accepted)} credential is no longer accepted by every instance`,
    );
  }
  const used = signs === undefined ? "whether instances use it cannot be asked here" : `${each(signs)} uses it`;
  const both = trial === undefined ? "" : `; the ${which(accepted)} one is still accepted`;
  const sentence = `${which(slot)} credential: ${used}${both}`;
  return confirmed(context, `uses the ${which(slot)} credential and still accepts the other one`, sentence);
}

/** What no probe can tell of the instances that the plan names as unasked, a named person says, with evidence. */
async function confirmed(context: StepContext, does: string, sentence: string): Promise<StepResult> {
  const unasked = (context.plan.unasked ?? []).join(", ");
  if (unasked === "") {
    return { kind: "done", sentence };
  }
  if (confirmation(context.rotation(), context.step) === undefined) {
    return remindPeople(
      context,
      `waiting for a person to confirm that ${unasked} ${does}: it cannot be asked from here. The button stands on the first message`,
    );
  }
  return { kind: "done", sentence: `${sentence}; a person confirmed it for ${unasked}` };
}

/** An old one that was refused before anything was done (`broken`) cannot be asked to go on being accepted. */
async function workingCredential(context: StepContext, slot: Slot): Promise<Credential | undefined> {
  return slot === "current" && context.rotation().present !== "works" ? undefined : context.credential(slot);
}

async function notYet(
  context: StepContext,
  trial: Exclude<Trial, { verdict: "accepted" }>,
  topic: string,
  sentence: string,
): Promise<StepResult> {
  const said = trial.verdict === "unknown" ? trial.sentence : trial.code;
  const told = `${sentence} (${said})`;
  const since = await context.note(topic, told, { key: trial.verdict, loud: true });
  const heldMs = elapsedMs(since, await context.now());
  const red = trial.verdict === "refused" || trial.code === "disagree";
  if (red && heldMs >= patienceMs) {
    const hint = "does every instance read the accepted variable, and was every one restarted?";
    return { kind: "failed", reason: { code: "not_accepted_everywhere", sentence: told, hint } };
  }
  if (!red && heldMs >= blindMs) {
    const hint = "an instance that cannot be asked opens no gate; make it answer and press Look again, or roll back";
    return { kind: "blocked", reason: { code: "cannot_look", sentence: told, hint } };
  }
  return { kind: "again", afterMs: 1_000 };
}

function which(slot: Slot | undefined): string {
  return slot === "pending" ? "new" : "old";
}

/** Of how many it is known, where the rotator counts them: one address may stand for several instances. */
function each(trial: Trial | undefined): string {
  const asked = trial?.verdict === "accepted" ? trial.asked : undefined;
  return asked === undefined ? "every instance" : `${asked}: each`;
}
