import { absorb } from "./absorb.ts";
import { type Action, decide, inconsistent } from "./decide.ts";
import type { Advanced, EngineDeps } from "./engine-ports.ts";
import { LeaseLost } from "./errors.ts";
import type { Event } from "./events.ts";
import { leftoversOf, liveNow, wentBack } from "./live.ts";
import { beginRun, type Run } from "./run.ts";
import { runOne } from "./run-one.ts";
import { elapsedMs } from "./time.ts";

const engine = { kind: "engine", id: "keyturn" } as const;

/**
 * Brings one rotation as far as it can go now (DESIGN section 6). Takes the lease, folds the journal, asks the pure
 * `decide` for the next action, acts, records, and so on until there is something to wait for.
 *
 * Level-based: a duplicate, late or lost call changes nothing. An abort of `signal` hands over between two steps; a call
 * under way is finished and its outcome kept. Throws only when the database cannot be reached.
 */
export async function advance(deps: EngineDeps, rotationId: string, signal: AbortSignal): Promise<Advanced> {
  const run = await beginRun(deps, rotationId, new AbortController().signal);
  if (run === undefined) {
    const known = await deps.state.load(rotationId);
    return known.length === 0 || known.at(-1)?.event.type === "ended"
      ? { kind: "done" }
      : { kind: "again", afterMs: 1_000 };
  }
  let advanced: Advanced | undefined;
  try {
    advanced = await drive(deps, run, signal);
  } catch (error) {
    if (!(error instanceof LeaseLost)) {
      throw error;
    }
    deps.log.warn({ rotationId, epoch: run.session.epoch }, "lease lost; another worker goes on");
  } finally {
    await run.close(advanced === undefined ? undefined : dueInMs(advanced));
  }
  if (advanced === undefined) {
    return { kind: "again", afterMs: 1_000 };
  }
  const newer = advanced.kind === "waiting" && (await deps.state.commands(rotationId)).length > 0;
  return newer ? { kind: "again", afterMs: 0 } : advanced;
}

/** How long after the time of the next look its job counts as lost. */
const lostAfterMs = 5_000;

/** When the sweeper has to find it: a little later than the job that ought to come, so that it wakes only what was lost. */
function dueInMs(advanced: Advanced): number {
  switch (advanced.kind) {
    case "done":
      return Number.POSITIVE_INFINITY;
    case "again":
      return advanced.afterMs + lostAfterMs;
    case "waiting":
      return advanced.untilMs === undefined ? Number.POSITIVE_INFINITY : advanced.untilMs + lostAfterMs;
  }
}

async function drive(deps: EngineDeps, run: Run, signal: AbortSignal): Promise<Advanced> {
  for (;;) {
    if (signal.aborted) {
      return { kind: "again", afterMs: 0 };
    }
    const absorbed = await absorb(deps, run);
    if (absorbed !== undefined) {
      return absorbed;
    }
    const action = decide(run.rotation(), await run.now());
    const waiting = await act(deps, run, action);
    if (waiting !== undefined) {
      return waiting;
    }
  }
}

async function act(deps: EngineDeps, run: Run, action: Action): Promise<Advanced | undefined> {
  switch (action.kind) {
    case "ended":
      return { kind: "done" };
    case "wait":
      return wait(run, action);
    case "expire":
      return end(run, [
        { type: "expired" },
        { type: "ended", status: "cancelled", sentence: "nobody decided in time; nothing was changed", leftovers: [] },
      ]);
    case "turn-back":
      await run.append([{ type: "turned_back", by: engine, reason: { ...action.reason } }], {
        audit: [entry(run, "roll-back", action.reason.sentence)],
      });
      return undefined;
    case "block":
      await run.append(
        [{ type: "blocked", step: action.step, reason: { ...action.reason }, live: liveNow(run.rotation()) }],
        { audit: [entry(run, "block", action.reason.sentence)] },
      );
      return undefined;
    case "run":
      return runOne(deps, run, action.step);
    case "end":
      return end(run, [
        {
          type: "ended",
          status: action.status,
          sentence: endSentence(run, action.status),
          leftovers: [...leftoversOf(run.rotation(), action.status)],
        },
      ]);
  }
}

async function wait(run: Run, action: Extract<Action, { kind: "wait" }>): Promise<Advanced> {
  const now = await run.now();
  const { block, hold } = run.rotation();
  if (action.for === "person" && block !== undefined) {
    const rounds = Math.floor(elapsedMs(block.at, now) / run.rotation().plan.policy.remindMs);
    await remind(
      run,
      block.step,
      "remind",
      rounds === 0 ? undefined : `round ${String(rounds)}`,
      `still blocked: ${block.reason.sentence}`,
    );
  }
  if (action.for === "resume" && hold !== undefined && now >= hold.until) {
    await remind(
      run,
      heldAt(run),
      "hold",
      hold.until,
      "it has been held longer than the policy allows; resume it or roll it back",
    );
  }
  return action.until === undefined
    ? { kind: "waiting" }
    : { kind: "waiting", untilMs: Math.max(0, elapsedMs(now, action.until)) };
}

function heldAt(run: Run): string {
  const { plan, steps } = run.rotation();
  const step = plan.steps.find(({ id }) => steps[id]?.status !== "done");
  if (step === undefined) {
    throw inconsistent("a finished rotation is held");
  }
  return step.id;
}

async function remind(run: Run, step: string, topic: string, key: string | undefined, sentence: string): Promise<void> {
  if (key !== undefined && run.rotation().steps[step]?.notes[topic]?.key !== key) {
    await run.append([{ type: "noted", step, topic, key, sentence, detail: null, loud: true }]);
  }
}

async function end(run: Run, events: readonly Event[]): Promise<Advanced> {
  await run.append(events, {
    destroySeals: true,
    unlock: "all",
    audit: [entry(run, "end", events.at(-1)?.type ?? "ended")],
  });
  return { kind: "done" };
}

function endSentence(run: Run, status: "done" | "rolled_back"): string {
  const { plan, steps } = run.rotation();
  if (status === "done") {
    return steps[plan.steps.at(-1)?.id ?? ""]?.sentence ?? "done";
  }
  return wentBack(run.rotation());
}

function entry(run: Run, verb: string, detail: string) {
  return { actor: engine, verb, rotationId: run.rotation().id, detail };
}
