import type { Slot } from "../credential.ts";
import { graceLimit } from "../grace-limit.ts";
import type { Instance, Use } from "../ports.ts";
import { expectedFor } from "../published.ts";
import { isInstance } from "../settled.ts";
import type { StepContext, StepResult } from "../step.ts";
import { elapsedMs, plusMs } from "../time.ts";

/** Samples further apart than this prove nothing about the time between them: the quiet period begins anew. */
const maxGapMs = 20_000;
/** Issuers tell the age of a connection in whole seconds, so it may have begun this much later than they say. */
const clockGrainMs = 2_500;

/**
 * Nobody has used the credential through `idleForMs`, sampled at most 15 s apart; each sample is journaled, because a gap
 * between samples must be known to whoever goes on. Sessions that stay open are named; they do not end the quiet period
 * of a credential that can be disabled first: the watch closes them one at a time while that can still be undone.
 */
export async function runIdle(context: StepContext): Promise<StepResult> {
  const slot = context.step.slot;
  const uses = await usesOf(context, slot);
  const now = await context.now();
  const known = context.state().notes["sample"];
  const everyMs = Math.min(15_000, Math.max(250, context.plan.idleForMs / 8));
  const which = slot === "current" ? "old" : "new";
  if (uses.length > 0) {
    const named = uses
      .map((use) => `${use.client.length > 0 ? `${use.client} ` : ""}${use.address}, since ${use.since}`)
      .join("; ");
    const mine = await usesByPlan(context, uses);
    await context.note(
      "uses",
      `${which} credential: ${String(uses.length)} ${uses.length === 1 ? "connection uses" : "connections use"} it (${named})`,
      { key: named, loud: true },
    );
    await context.note("sample", "in use", { key: "used" });
    return used(context, mine, now, everyMs);
  }
  const quietSince =
    known?.key.startsWith("quiet ") === true && elapsedMs(known.at, now) <= maxGapMs
      ? (known.key.split(" ")[1] ?? now)
      : now;
  await context.note("sample", `nobody uses the ${which} credential, since ${quietSince}`, {
    key: `quiet ${quietSince} ${now}`,
  });
  if (elapsedMs(quietSince, now) < idleMs(context)) {
    return { kind: "again", afterMs: everyMs };
  }
  return { kind: "done", sentence: `nobody has used the ${which} credential since ${quietSince}` };
}

/** Leaked: what is used is found by disabling it. On the way back the new one has no long history either. */
function idleMs(context: StepContext): number {
  return context.plan.cause === "leaked" ? 0 : context.plan.idleForMs;
}

/**
 * Old connections of the old credential are left to the watch. One of a consumer of the plan that began after the roll-out
 * is another matter: that instance logs in with the old one today, so it would be refused; it is waited for.
 */
async function used(context: StepContext, mine: readonly Use[], now: string, everyMs: number): Promise<StepResult> {
  const { slot } = context.step;
  const { rotator, steps, graceMaxMs } = context.plan;
  const limit =
    (slot === "current" ? graceLimit(context.rotation()) : undefined) ?? plusMs(context.state().startedAt, graceMaxMs);
  const rolledOut = context.rotation().steps[steps.find(({ kind }) => kind === "rollout")?.id ?? ""]?.doneAt ?? now;
  const active = mine.some(({ since }) => since > rolledOut) && context.plan.cause === "routine";
  const canBeClosed = slot === "current" && rotator.disable && rotator.closeSession && !active;
  if (canBeClosed && elapsedMs(context.state().startedAt, now) >= idleMs(context)) {
    return {
      kind: "done",
      sentence:
        "connections older than the publish are left; each is closed during the watch, while disable can be undone",
    };
  }
  if (now >= limit) {
    return {
      kind: "blocked",
      reason: {
        code: "still_used",
        sentence: `the ${slot === "current" ? "old" : "new"} credential is still used${mine.length > 0 ? " by a consumer of the plan" : ""}`,
        hint: "restart who is named, then press Look again",
      },
    };
  }
  return { kind: "again", afterMs: everyMs };
}

/**
 * Uses of the slot's credential now. Connections that cannot be told apart count as uses; one that is older than the new
 * credential cannot have used it, and on the way back one that is younger than the return to the old one uses that.
 */
export async function usesOf(context: StepContext, slot: Slot): Promise<readonly Use[]> {
  const issuer = await context.open.issuer();
  const mine = await context.credential(slot);
  const other = await context.credential(slot === "current" ? "pending" : "current");
  if (mine === undefined || issuer.usage === undefined) {
    return [];
  }
  const since = slot === "current" ? context.rotation().issuedAt : (await expectedFor(context, "current"))?.since;
  const uses = await issuer.usage(
    mine.ref,
    other === undefined || since === undefined ? undefined : { ref: other.ref, since },
  );
  const bornAt = slot === "pending" ? context.rotation().issuedAt : undefined;
  return bornAt === undefined ? uses : uses.filter((use) => use.since >= plusMs(bornAt, -clockGrainMs));
}

async function usesByPlan(context: StepContext, uses: readonly Use[]): Promise<readonly Use[]> {
  const instances = await instancesNow(context, context.step.slot === "current" ? "pending" : "current");
  return uses.filter((use) => instances.some((instance) => isInstance(instance, use.address, use.client)));
}

/** All instances of all consumers, as they are now. */
export async function instancesNow(context: StepContext, slot: Slot): Promise<readonly Instance[]> {
  const expected = await expectedFor(context, slot);
  if (expected === undefined) {
    return [];
  }
  const all: Instance[] = [];
  for (const consumer of await context.open.consumers()) {
    all.push(...(await consumer.instances(expected)));
  }
  return all;
}
