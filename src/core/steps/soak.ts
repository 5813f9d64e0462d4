import type { Trial } from "../ports.ts";
import type { StepContext, StepResult } from "../step.ts";
import { elapsedMs, plusMs } from "../time.ts";

/** How much later than caches may keep an old list an address may begin to list it. */
const patienceMs = 20_000;
/** After this long without an answer of every address a person is asked. */
const blindMs = 900_000;

/**
 * Readers that are not restarted (caches of a public key set) may not know the credential of the step yet. Their longest life
 * is waited out from the moment at which every public address listed it: until then whoever reads anew may be given an old list
 * by a cache that stands in front. An address that stops listing it makes the wait begin anew; one that does not answer ends
 * nothing, and the step ends with a look at all of them only.
 */
export async function runSoak(context: StepContext): Promise<StepResult> {
  const { soakMs = 0 } = context.plan.rotator;
  const credential = await context.credential(context.step.slot);
  const issuer = await context.open.issuer();
  const trial = credential === undefined ? undefined : await issuer.listedEverywhere?.(credential);
  if (trial !== undefined && trial.verdict !== "accepted") {
    return notListed(context, trial, soakMs);
  }
  const since = trial === undefined ? context.state().startedAt : await listedSince(context);
  const leftMs = soakMs - elapsedMs(since, await context.now());
  if (leftMs > 0) {
    const until = plusMs(since, soakMs);
    await context.note("soak", `waiting until ${until}: caches may keep what they read before ${since}`, {
      key: since,
      loud: true,
    });
    return { kind: "again", afterMs: Math.min(leftMs, 15_000) };
  }
  const listed = trial === undefined ? "" : `; every public address lists the ${which(context)} credential`;
  return {
    kind: "done",
    sentence: soakMs === 0 ? `no cache to wait for${listed}` : `every cache was read anew${listed}`,
  };
}

async function listedSince(context: StepContext): Promise<string> {
  await context.note("look", "every public address answered", { key: "seen" });
  return context.note("listed", `every public address lists the ${which(context)} credential`, { key: "listed" });
}

async function notListed(
  context: StepContext,
  trial: Exclude<Trial, { verdict: "accepted" }>,
  soakMs: number,
): Promise<StepResult> {
  const refused = trial.verdict === "refused";
  const told = refused
    ? `not every public address lists the ${which(context)} credential (${trial.code})`
    : `whether every public address lists the ${which(context)} credential cannot be told: ${trial.sentence}`;
  const noted = refused
    ? await context.note("listed", told, { key: "not listed", loud: true })
    : await context.note("look", told, { key: "unseen", loud: true });
  const lookedAgainAt = context.rotation().lookedAgainAt ?? noted;
  const heldMs = elapsedMs(lookedAgainAt > noted ? lookedAgainAt : noted, await context.now());
  if (refused && heldMs >= soakMs + patienceMs) {
    const hint =
      "does every instance read the variable of the accepted key, and does what stands in front of the addresses keep the list for longer than the catalog says?";
    return { kind: "failed", reason: { code: "not_listed_everywhere", sentence: told, hint } };
  }
  if (!refused && heldMs >= blindMs) {
    const hint = "an address that cannot be asked opens no gate; make it answer and press Look again, or roll back";
    return { kind: "blocked", reason: { code: "cannot_look", sentence: told, hint } };
  }
  return { kind: "again", afterMs: Math.min(5_000, Math.max(250, soakMs / 8)) };
}

function which({ step }: StepContext): string {
  return step.slot === "pending" ? "new" : "old";
}
