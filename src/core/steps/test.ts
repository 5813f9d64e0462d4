import type { Credential } from "../credential.ts";
import type { Trial } from "../ports.ts";
import { valuesFor } from "../published.ts";
import type { StepContext, StepResult } from "../step.ts";
import { elapsedMs } from "../time.ts";
import { nextValues, readBackCredential } from "../values.ts";

/**
 * Logs in with each value as applications will read it: rendered, parsed backwards, presented; never with the one in
 * memory alone. Inside `issueWithinMs` a wrong answer means "try later"; after it, it is a failure.
 */
export async function runTest(context: StepContext): Promise<StepResult> {
  const issuer = await context.open.issuer();
  const candidates = await published(context);
  if (candidates.length === 0) {
    return {
      kind: "failed",
      reason: {
        code: "nothing_to_test",
        sentence: "no published value gives a credential back",
        hint: "check the templates of this target",
      },
    };
  }
  let slowest = 0;
  for (const credential of candidates) {
    const trial = await issuer.test(credential);
    if (trial.verdict !== "accepted") {
      return refused(context, trial);
    }
    slowest = Math.max(slowest, trial.ms);
  }
  const which = context.step.slot === "pending" ? "new" : "old";
  return {
    kind: "done",
    sentence: `test login with the ${which} credential passed, with every published value (${String(Math.round(slowest))} ms)`,
  };
}

async function refused(context: StepContext, trial: Exclude<Trial, { verdict: "accepted" }>): Promise<StepResult> {
  const which = context.step.slot === "pending" ? "new" : "old";
  const since = context.state().startedAt;
  if (elapsedMs(since, await context.now()) < context.plan.rotator.issueWithinMs) {
    await context.note("trial", `${which} credential not accepted yet (${trial.code})`);
    return { kind: "again", afterMs: 1_000 };
  }
  return {
    kind: "failed",
    reason: {
      code: "test_refused",
      sentence: `the ${which} credential was not accepted (${trial.code})`,
      hint: "nothing was published with it; look at the issuer's own log",
    },
  };
}

/** The different credentials that the texts of all keys give back. Before the publish, of the texts that it would write. */
async function published(context: StepContext): Promise<readonly Credential[]> {
  const slot = context.step.slot;
  const credential = await context.credential(slot);
  if (credential === undefined) {
    return [];
  }
  const found: Credential[] = [];
  for (const index of context.plan.publishes.keys()) {
    const stored = await valuesFor(context, index, { slot });
    const missing = slot === "pending" && Object.values(stored).every((value) => value === undefined);
    const values = missing
      ? nextValues(context.plan, index, await context.unseal(`before:${String(index)}`), credential)
      : stored;
    for (const [key, value] of Object.entries(values)) {
      const read = value === undefined ? undefined : readBackCredential(context.plan, index, key, value, credential);
      if (read !== undefined && !found.some((other) => sameFields(other, read))) {
        found.push(read);
      }
    }
  }
  return found;
}

function sameFields(a: Credential, b: Credential): boolean {
  const secrets = Object.entries(a.secret).every(([field, value]) => b.secret[field]?.equals(value) === true);
  return secrets && Object.entries(a.public).every(([field, value]) => b.public[field] === value);
}
