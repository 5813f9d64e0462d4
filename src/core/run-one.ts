import { approvalStillStands } from "./absorb.ts";
import { cleaned } from "./cleaned.ts";
import { contextFor } from "./context.ts";
import { moves } from "./decide.ts";
import type { Advanced, EngineDeps } from "./engine-ports.ts";
import { type Explanation, GiveUp, LeaseLost, TryLater } from "./errors.ts";
import type { Event } from "./events.ts";
import { liveNow } from "./live.ts";
import type { Step } from "./plan.ts";
import type { Run } from "./run.ts";
import { standbyDown } from "./standby.ts";
import type { StepContext, StepResult } from "./step.ts";
import { runStep } from "./steps/index.ts";
import { commandMs, elapsedMs } from "./time.ts";

/** A failure that nobody foresaw is tried again this long before a person is asked. */
const unexpectedForMs = 900_000;
const loudAfterMs = 30_000;

/** Starts a step if it was not, runs it once, and records how it ended. Undefined: go on; else what the job has to wait for. */
export async function runOne(deps: EngineDeps, run: Run, step: Step): Promise<Advanced | undefined> {
  const waiting = await start(deps, run, step);
  if (waiting !== undefined) {
    return waiting;
  }
  const context = contextFor(deps, run, step);
  const result = await attempt(deps, run, context);
  switch (result.kind) {
    case "again":
      return { kind: "again", afterMs: result.afterMs };
    case "done":
      await run.append(doneEvents(run, step, result));
      return undefined;
    case "failed":
      await run.append([{ type: "step_failed", step: step.id, reason: { ...result.reason } }]);
      return undefined;
    case "blocked":
      await run.append([
        { type: "blocked", step: step.id, reason: { ...result.reason }, live: liveNow(run.rotation()) },
      ]);
      return undefined;
    case "rewind":
      await run.append([{ type: "rewound", from: result.from, reason: { ...result.reason } }]);
      return undefined;
  }
}

function doneEvents(
  run: Run,
  step: Step,
  { sentence, detail = null }: Extract<StepResult, { kind: "done" }>,
): readonly Event[] {
  const done: Event = { type: "step_done", step: step.id, sentence, detail };
  return run.rotation().direction === "back" && step.kind === "verify" ? [done, { type: "consumers_back" }] : [done];
}

/** The audit entry, the locks and `step_started` are one transaction: if it cannot be written, nothing new is done. */
async function start(deps: EngineDeps, run: Run, step: Step): Promise<Advanced | undefined> {
  const rotation = run.rotation();
  const known = rotation.steps[step.id];
  if (known !== undefined && known.attempt > 0) {
    return undefined;
  }
  const first = step.id === rotation.plan.steps[0]?.id && rotation.direction === "forward";
  if (first) {
    const refused = await approvalStillStands(deps, run);
    if (refused !== undefined) {
      return refused;
    }
  }
  const moving = moves(rotation, step);
  if (moving && rotation.direction === "forward" && !(await isCarried(run, step))) {
    return { kind: "again", afterMs: 5_000 };
  }
  const appended = await run.append([{ type: "step_started", step: step.id, attempt: 1 }], {
    audit: [
      {
        actor: { kind: "engine", id: "keyturn" },
        verb: "step",
        rotationId: rotation.id,
        detail: `${step.id}: ${step.title}`,
      },
    ],
    lock: [...rotation.plan.locks, ...(moving ? rotation.plan.movingLocks : [])],
    ...(moving ? {} : { unlock: rotation.plan.movingLocks }),
  });
  return appended.kind === "taken" ? standInLine(deps, run, step, appended.lock, appended.by) : undefined;
}

/**
 * Whether somebody carries the load while this step moves consumers or the issuer. Who does not is named in the thread; a leaked
 * credential waits for nobody. Nor does a rotation that stands in the way of a leaked one: that may be the very standby, and
 * each would wait for the other.
 */
async function isCarried(run: Run, step: Step): Promise<boolean> {
  const { plan, steps, skipped } = run.rotation();
  const down = await standbyDown(run.open, plan, await run.now());
  const told = down.join("; ");
  const leaked = plan.cause === "leaked" || skipped.includes("standby");
  const goesOn = down.length === 0 || leaked;
  const key = `${goesOn ? "on" : "wait"} ${told}`;
  if (told !== "" && steps[step.id]?.notes["standby"]?.key !== key) {
    const sentence = goesOn
      ? `a leaked credential does not wait, so it goes on although this is not up: ${told}`
      : `waiting until this is up: ${told}`;
    await run.append([{ type: "noted", step: step.id, topic: "standby", key, sentence, detail: null, loud: true }]);
  }
  return goesOn;
}

async function standInLine(deps: EngineDeps, run: Run, step: Step, lock: string, by: string): Promise<Advanced> {
  const { plan, id } = run.rotation();
  if (run.rotation().steps[step.id]?.notes["lock"]?.key !== by) {
    await run.append([
      {
        type: "noted",
        step: step.id,
        topic: "lock",
        key: by,
        sentence: `waiting for rotation ${by}, which holds ${lock}`,
        detail: { lock, by },
        loud: true,
      },
    ]);
  }
  if (plan.cause === "leaked") {
    const actor = { kind: "engine", id: "keyturn" } as const;
    await deps.state.addCommand({ rotationId: by, verb: "make-way", actor, detail: id }, id, {
      actor,
      verb: "make-way",
      rotationId: by,
      detail: `for leaked rotation ${id}`,
    });
  }
  return { kind: "again", afterMs: 2_000 };
}

/**
 * No step looks or acts, forward or back, before the calls of older holders have been made impossible: on the way back place by
 * place, so that one that cannot be reached keeps no other one from being put back.
 */
async function attempt(deps: EngineDeps, run: Run, context: StepContext): Promise<StepResult> {
  try {
    if ((await run.open.fence(run.rotation().direction === "back" ? "each" : "all")) === "unfenced") {
      const leftMs = await doubtfulForMs(run, context);
      if (leftMs > 0) {
        return { kind: "again", afterMs: leftMs };
      }
    }
    return await runStep[context.step.kind](context);
  } catch (error) {
    if (error instanceof LeaseLost) {
      throw error;
    }
    const reason = await cleaned(run, error);
    deps.log.warn(
      { rotationId: run.rotation().id, step: context.step.id, code: reason.code, sentence: reason.sentence },
      "step did not get through",
    );
    return error instanceof GiveUp ? { kind: "failed", reason } : retry(context, error, reason);
  }
}

/**
 * Where an older holder cannot be fenced, what it had under way when it was overtaken may still arrive: nobody looks or acts
 * for as long as one command may take. Every step then reads back before it writes.
 */
async function doubtfulForMs(run: Run, context: StepContext): Promise<number> {
  if (run.overtakenAt === undefined) {
    return 0;
  }
  const leftMs = commandMs - elapsedMs(run.overtakenAt, await run.now());
  if (leftMs > 0) {
    await context.note(
      "unfenced",
      `another worker was cut off, and a write of its cannot be fenced here: waiting ${String(commandMs / 1_000)} s before anything is read back`,
      { key: run.overtakenAt, loud: true },
    );
  }
  return leftMs;
}

/** Back-off grows with the time since the trouble began: no counter has to be kept. */
async function retry(context: StepContext, error: unknown, reason: Explanation): Promise<StepResult> {
  const since = await context.note("trouble", reason.sentence, { key: reason.code });
  const troubledMs = elapsedMs(since, await context.now());
  if (troubledMs >= loudAfterMs) {
    await context.note("trouble-told", `waiting: ${reason.sentence}`, { key: since, loud: true });
  }
  if (!(error instanceof TryLater) && troubledMs >= unexpectedForMs) {
    return { kind: "blocked", reason };
  }
  const asked = error instanceof TryLater ? error.afterMs : undefined;
  return { kind: "again", afterMs: asked ?? Math.min(30_000, Math.max(500, troubledMs / 2)) };
}
