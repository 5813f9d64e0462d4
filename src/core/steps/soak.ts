import type { StepContext, StepResult } from "../step.ts";
import { elapsedMs } from "../time.ts";

/** Readers that are not restarted (caches of a public key set) may not know the new credential yet: wait out their longest life. */
export async function runSoak(context: StepContext): Promise<StepResult> {
  const { soakMs = 0 } = context.plan.rotator;
  const leftMs = soakMs - elapsedMs(context.state().startedAt, await context.now());
  if (leftMs > 0) {
    await context.note("soak", "waiting until every cache has been read anew");
    return { kind: "again", afterMs: Math.min(leftMs, 15_000) };
  }
  return { kind: "done", sentence: soakMs === 0 ? "no cache to wait for" : "every cache was read anew" };
}
