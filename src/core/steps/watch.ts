import { inconsistent } from "../decide.ts";
import { lookAtChecks } from "../look.ts";
import type { Issuer, Use } from "../ports.ts";
import { refusedAmong } from "../settled.ts";
import type { StepContext, StepResult } from "../step.ts";
import { elapsedMs, plusMs } from "../time.ts";
import { instancesNow, usesOf } from "./idle.ts";
import { runWatchWithdrawn } from "./watch-withdrawn.ts";

/** By itself. After the last time it stays enabled until a person has looked. */
const maxEnabledAgain = 3;

/**
 * The old credential is disabled; for `watchMs` somebody may still be refused. A refused instance of the plan, or a check
 * that turns red, enables it again and the rotation waits (a leaked one stays disabled and waits for a person). A refused
 * stranger is reported and changes nothing. Connections that logged in with the old one are closed one at a time, and the
 * watch is quiet only when none is left.
 */
export async function runWatch(context: StepContext): Promise<StepResult> {
  if (context.plan.rotator.overlap === "accept-first") {
    return runWatchWithdrawn(context);
  }
  const issuer = await context.open.issuer();
  const since = disabledAt(context);
  const begun = context.state().effects["enable-again"];
  if (begun !== undefined) {
    return enableAgain(context, issuer, context.state().notes["laggard"]?.sentence ?? "a laggard was seen");
  }
  const laggard = (await refusedInstance(context, issuer, lookFrom(context, since))) ?? (await redCheck(context));
  if (laggard !== undefined) {
    return enableAgain(context, issuer, laggard);
  }
  const open = await usesOf(context, "current");
  const first = open.find(({ id }) => context.state().effects[`close:${id}`]?.outcomeAt === undefined);
  if (first !== undefined && issuer.closeSession !== undefined) {
    const { closeSession } = issuer;
    await context.effect(`close:${first.id}`, async () => {
      await closeSession(first.id);
      return { detail: { address: first.address } };
    });
    await context.note(
      "closed",
      `closed a connection that logged in with the old credential (${first.address}, since ${first.since})`,
      { key: first.id, loud: true },
    );
    return { kind: "again", afterMs: pollMs(context) };
  }
  const now = await context.now();
  const quietSince = lastClose(context) ?? since;
  if (elapsedMs(quietSince, now) < context.plan.watchMs || open.length > 0) {
    await context.note("watch", `watching until ${plusMs(quietSince, context.plan.watchMs)}`);
    const limit = plusMs(since, context.plan.watchMs + context.plan.graceMaxMs);
    return open.length > 0 && now > limit ? stillOpen(open) : { kind: "again", afterMs: pollMs(context) };
  }
  return { kind: "done", sentence: `watched since ${since}: no instance of the plan was refused` };
}

/** What a person has seen and dealt with before Look again is not held against the instance any more. */
function lookFrom(context: StepContext, since: string): string {
  const lookedAgainAt = context.rotation().lookedAgainAt;
  return lookedAgainAt !== undefined && lookedAgainAt > since ? lookedAgainAt : since;
}

function stillOpen(open: readonly Use[]): StepResult {
  const named = open.map(({ client, address, since }) => `${client} ${address}, since ${since}`.trim()).join("; ");
  return {
    kind: "blocked",
    reason: {
      code: "still_used",
      sentence: `connections that logged in with the old credential do not end (${named})`,
      hint: "end them, then press Look again",
    },
  };
}

async function refusedInstance(context: StepContext, issuer: Issuer, since: string): Promise<string | undefined> {
  const credential = await context.credential("current");
  if (issuer.refusals === undefined || credential === undefined) {
    return undefined;
  }
  const refusals = await issuer.refusals(credential.ref, since);
  const instances = await instancesNow(context, "pending");
  for (const refusal of refusals) {
    const named = refusedAmong(instances, refusal).map(({ id }) => id);
    if (named.length > 0) {
      return `${named.join(" or ")} was refused with the old credential (${refusal.address})`;
    }
    await context.note(
      `stranger:${refusal.address}`,
      `somebody who is not in the plan was refused (${refusal.address}${refusal.client.length > 0 ? `, ${refusal.client}` : ""}); this changes nothing`,
      { key: "seen", loud: true },
    );
  }
  return undefined;
}

async function redCheck(context: StepContext): Promise<string | undefined> {
  const looks = await lookAtChecks(context, "pending");
  const red = looks.find((look) => look.red);
  const blind = looks.find((look) => !look.open && !look.red);
  await context.note("checks", red?.sentence ?? blind?.sentence ?? "every check passes", {
    key: red !== undefined ? "red" : blind !== undefined ? "blind" : "open",
    loud: red !== undefined,
  });
  return red?.sentence;
}

async function enableAgain(context: StepContext, issuer: Issuer, laggard: string): Promise<StepResult> {
  if (context.plan.cause === "leaked") {
    await context.note("laggard", laggard, { loud: true });
    return {
      kind: "blocked",
      reason: {
        code: "laggard_on_leaked",
        sentence: `${laggard}; a leaked credential is not enabled again by itself`,
        hint: "restart who is named and press Look again",
      },
    };
  }
  const credential = await context.credential("current");
  if (credential === undefined || issuer.enable === undefined) {
    throw inconsistent("there is nothing that could be enabled again");
  }
  const { enable } = issuer;
  const seenAt = await context.note("laggard", laggard, { loud: true });
  const asked = (context.rotation().lookedAgainAt ?? "") > seenAt;
  await context.effect("enable-again", async () => {
    await enable(credential);
    return { detail: null };
  });
  if (!asked && context.rotation().enabledAgain + 1 >= maxEnabledAgain) {
    return {
      kind: "blocked",
      reason: {
        code: "laggard",
        sentence: `${laggard}; the old credential was enabled again for the ${String(maxEnabledAgain)}rd time and stays so`,
        hint: "move that instance to the new value, then press Look again",
      },
    };
  }
  return {
    kind: "rewind",
    from: graceOf(context),
    reason: {
      code: "laggard",
      sentence: `${laggard}; the old credential works again and the rotation waits`,
      hint: "restart who is named",
    },
  };
}

function graceOf(context: StepContext): string {
  return context.plan.steps.find(({ kind }) => kind === "grace")?.id ?? context.step.id;
}

function disabledAt(context: StepContext): string {
  const step = context.plan.steps.find(({ kind }) => kind === "disable");
  const effect = context.rotation().steps[step?.id ?? ""]?.effects["disable"];
  if (effect?.outcomeAt === undefined) {
    throw inconsistent("a watch without a disable");
  }
  return effect.outcomeAt;
}

function lastClose(context: StepContext): string | undefined {
  return Object.entries(context.state().effects)
    .flatMap(([name, { outcomeAt }]) => (name.startsWith("close:") && outcomeAt !== undefined ? [outcomeAt] : []))
    .sort()
    .at(-1);
}

function pollMs(context: StepContext): number {
  return Math.min(15_000, Math.max(250, context.plan.watchMs / 8));
}
