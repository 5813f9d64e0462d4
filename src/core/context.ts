import { inconsistent } from "./decide.ts";
import type { EngineDeps } from "./engine-ports.ts";
import { LeaseLost } from "./errors.ts";
import type { Step } from "./plan.ts";
import type { Json } from "./ports.ts";
import type { StepState } from "./rotation.ts";
import type { Run } from "./run.ts";
import { Secret } from "./secret.ts";
import type { Seal } from "./state.ts";
import type { Outcome, StepContext } from "./step.ts";

/** The world as one step sees it: everything it changes goes through `effect`, everything it writes through the lease. */
export function contextFor(deps: EngineDeps, run: Run, step: Step): StepContext {
  function state(): StepState {
    const known = run.rotation().steps[step.id];
    if (known === undefined) {
      throw inconsistent(`step ${step.id} runs before it was started`);
    }
    return known;
  }
  async function append(...args: Parameters<Run["append"]>): Promise<void> {
    const appended = await run.append(...args);
    if (appended.kind === "taken") {
      throw inconsistent(`the lock ${appended.lock} was asked for inside a step`);
    }
  }
  return {
    rotation: run.rotation,
    plan: run.rotation().plan,
    step,
    state,
    now: run.now,
    open: run.open,
    credential: run.credential,
    unseal: (slot) => deps.state.unseal(run.rotation().id, slot),
    record: (events, seals: readonly Seal[] = [], destroySlots: readonly string[] = []) =>
      append(events, { seals, destroySlots }),
    effect: async (name, act, seals = []) => {
      const known = state().effects[name];
      if (known?.outcomeAt !== undefined) {
        return known.detail ?? null;
      }
      if (known === undefined) {
        await append([{ type: "intended", step: step.id, effect: name }], { seals });
      }
      run.session.guard();
      const outcome = await act();
      await keep(deps, run, step, name, outcome, append);
      return outcome.detail;
    },
    effects: async (all) => {
      const open = all.filter(({ name }) => state().effects[name]?.outcomeAt === undefined);
      const fresh = open.filter(({ name }) => state().effects[name] === undefined);
      if (fresh.length > 0) {
        await append(fresh.map(({ name }) => ({ type: "intended", step: step.id, effect: name })));
      }
      run.session.guard();
      const ended = await Promise.allSettled(open.map(({ act }) => act()));
      for (const [index, each] of ended.entries()) {
        const name = open[index]?.name;
        if (each.status === "fulfilled" && name !== undefined) {
          await keep(deps, run, step, name, each.value, append);
        }
      }
      const failed = ended.find((each) => each.status === "rejected");
      if (failed !== undefined) {
        throw failed.reason;
      }
    },
    note: async (topic, sentence, { key = sentence, detail = null, loud = false } = {}) => {
      const known = state().notes[topic];
      if (known?.key === key) {
        return known.at;
      }
      await append([{ type: "noted", step: step.id, topic, key, sentence, detail, loud }]);
      return state().notes[topic]?.at ?? (await run.now());
    },
    noticed: (name) => deps.state.notices.accepted(run.rotation().id, name),
  };
}

/**
 * Records what a call brought. When the lease was lost while the call was under way, the outcome goes, sealed, to the late
 * outcomes, where the new holder finds it.
 */
async function keep(
  deps: EngineDeps,
  run: Run,
  step: Step,
  name: string,
  outcome: Outcome,
  append: Run["append"] extends (...args: infer A) => unknown ? (...args: A) => Promise<void> : never,
): Promise<void> {
  const { detail, seals = [], events = [] } = outcome;
  try {
    await append([{ type: "outcome", step: step.id, effect: name, detail }, ...events], { seals });
  } catch (error) {
    if (error instanceof LeaseLost) {
      const { id } = run.rotation();
      const { epoch } = run.session;
      const text = JSON.stringify({ step: step.id, detail: detail satisfies Json, events });
      for (const { slot, position, value } of seals) {
        await deps.state.addLateOutcome(id, epoch, `${step.id}/${name}#${slot}/${position}`, value);
      }
      await deps.state.addLateOutcome(id, epoch, `${step.id}/${name}`, new Secret(text));
    }
    throw error;
  }
}
