import { isBlind } from "../blind.ts";
import type { Trial } from "../ports.ts";
import { pruneStores } from "../prune.ts";
import { pastNoReturn } from "../rotation.ts";
import type { StepContext, StepResult } from "../step.ts";
import { elapsedMs } from "../time.ts";

/**
 * The proof of death is a pair: the same probe, from the same place, saw this very credential accepted earlier in this
 * rotation, and now sees it refused in the documented way, while the one that stays is accepted. Inside `deadWithinMs`
 * anything else means "try later"; after it the rotation is blocked, never done. Then stores remove what nothing reads any more.
 */
export async function runProve(context: StepContext): Promise<StepResult> {
  const result = await prove(context);
  if (result.kind === "done") {
    await pruneStores(context);
  }
  return result;
}

async function prove(context: StepContext): Promise<StepResult> {
  const issuer = await context.open.issuer();
  const forward = context.rotation().direction === "forward";
  const dead = await context.credential(forward ? "current" : "pending");
  const living = await context.credential(forward ? "pending" : "current");
  const life = living === undefined ? undefined : await issuer.test(living);
  if (life !== undefined && life.verdict !== "accepted") {
    return wrong(context, `the ${forward ? "new" : "old"} credential is not accepted (${life.code})`);
  }
  const livingWord = life === undefined ? "" : `${forward ? "new" : "old"} accepted`;
  if (dead === undefined && forward && isBlind(context.plan, context.rotation().present)) {
    return {
      kind: "done",
      sentence: `unproved: ${livingWord}; the old credential could not be read, so nothing shows that it is dead`,
      detail: { oldRefused: false, newAccepted: true },
    };
  }
  if (dead === undefined) {
    return {
      kind: "done",
      sentence: `proved: ${livingWord}; there was no ${forward ? "old" : "new"} credential to end`,
      detail: { oldRefused: null, newAccepted: true },
    };
  }
  const death = await issuer.test(dead);
  if (death.verdict !== "refused" || death.disabled === true) {
    return wrong(
      context,
      `the ${forward ? "old" : "new"} credential is not refused as a revoked one should be (${describe(death)})`,
    );
  }
  const seen = seenAlive(context, forward);
  const { unasked = [] } = context.plan;
  const unseen = unasked.length === 0 ? "" : `; unproved for ${unasked.join(", ")}, which cannot be asked`;
  const words = `${forward ? "old" : "new"} credential refused (${death.code}${seen ? "; accepted by the same probe before" : "; unproved: no probe of this rotation saw it accepted"}${unseen})`;
  return {
    kind: "done",
    sentence: `${seen ? "proved" : "unproved"}: ${[words, livingWord].filter((part) => part.length > 0).join(", ")}`,
    detail: { oldRefused: seen, newAccepted: life !== undefined, code: death.code },
  };
}

function seenAlive(context: StepContext, forward: boolean): boolean {
  if (!forward) {
    return Object.entries(context.rotation().steps).some(([id, state]) => id === "test" && state.status === "done");
  }
  return context.rotation().captured?.present === "works";
}

async function wrong(context: StepContext, sentence: string): Promise<StepResult> {
  const within = context.plan.rotator.deadWithinMs;
  if (elapsedMs(context.state().startedAt, await context.now()) < within) {
    await context.note("proof", sentence);
    return { kind: "again", afterMs: 1_000 };
  }
  return {
    kind: "blocked",
    reason: {
      code: pastNoReturn(context.rotation()) ? "old_still_alive" : "not_proved",
      sentence,
      hint: "look at the issuer; press Look again when it is as it should be",
    },
  };
}

function describe(trial: Trial): string {
  switch (trial.verdict) {
    case "accepted":
      return "it is accepted";
    case "refused":
      return trial.disabled === true ? "it is only disabled" : trial.code;
    case "unknown":
      return trial.code;
  }
}
