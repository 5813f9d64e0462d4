import { inconsistent } from "../decide.ts";
import type { Consumer, Expected, Instance } from "../ports.ts";
import { expectedFor } from "../published.ts";
import { isSettled } from "../settled.ts";
import type { StepContext, StepResult } from "../step.ts";
import { elapsedMs } from "../time.ts";

/** How long one unit may take from its reload until every instance of it is ready on the value. */
const settleWithinMs = 180_000;

/**
 * Reloads every unit of every consumer, one after the other; each must have settled before the next is touched, and the
 * first that does not ends the step. The step is done only when all instances of all consumers are settled at one look.
 */
export async function runRollout(context: StepContext): Promise<StepResult> {
  if (context.plan.consumers === "live") {
    return { kind: "done", sentence: "consumers read the store at each use; nothing to restart" };
  }
  const expected = await expectedFor(context, context.step.slot);
  if (expected === undefined) {
    throw inconsistent("a roll-out before its publish");
  }
  const consumers = (await context.open.consumers()).map((consumer) => asBefore(context, consumer));
  for (const [index, consumer] of consumers.entries()) {
    const label = labelOf(context, index);
    const units = await consumer.units();
    if (units.length === 0) {
      return failed(
        "zero_consumers",
        `${label} has no instance that could be restarted`,
        "zero instances are never taken for settled; start it, then look again",
      );
    }
    for (const unit of units) {
      const waiting = await settle(context, consumer, label, unit, expected);
      if (waiting !== undefined) {
        return waiting;
      }
    }
  }
  return finalLook(context, consumers, expected);
}

/** Where there was no credential before, nobody could be ready without one: on the way back it is enough to have read the store again. */
function asBefore(context: StepContext, consumer: Consumer): Consumer {
  if (context.step.slot === "pending" || context.rotation().present !== "none") {
    return consumer;
  }
  return {
    ...consumer,
    instances: async (expected) =>
      (await consumer.instances(expected)).map((instance) => ({ ...instance, ready: instance.on === "new" })),
  };
}

async function settle(
  context: StepContext,
  consumer: Consumer,
  label: string,
  unit: string,
  expected: Expected,
): Promise<StepResult | undefined> {
  const name = `reload:${label}/${unit}`;
  const known = context.state().effects[name];
  let mine = await instancesOf(consumer, unit, expected);
  if (isSettled(mine)) {
    if (known?.outcomeAt === undefined) {
      await context.effect(name, () => Promise.resolve({ detail: { already: known === undefined } }));
    }
    return undefined;
  }
  if (known?.outcomeAt === undefined) {
    await context.effect(name, async () => {
      await consumer.reload(unit, expected);
      return { detail: { already: false } };
    });
    mine = await instancesOf(consumer, unit, expected);
  }
  await progress(context, consumer, label, expected);
  if (isSettled(mine)) {
    return undefined;
  }
  const since = context.state().effects[name]?.outcomeAt ?? context.state().startedAt;
  if (elapsedMs(since, await context.now()) < settleWithinMs) {
    return { kind: "again", afterMs: 500 };
  }
  const stuck = mine.find((instance) => !isSettled([instance]));
  return failed(
    "not_settled",
    `${label}: ${stuck?.id ?? unit} did not settle: ${stuck?.detail ?? "no instance is running"}`,
    "look at its own log; it was restarted once and left as it is",
  );
}

async function progress(context: StepContext, consumer: Consumer, label: string, expected: Expected): Promise<void> {
  const all = await consumer.instances(expected);
  const settled = all.filter((instance) => isSettled([instance])).length;
  await context.note(
    `progress:${label}`,
    `${label}: ${String(settled)} of ${String(all.length)} on the ${context.step.slot === "pending" ? "new" : "old"} value`,
  );
}

async function finalLook(
  context: StepContext,
  consumers: readonly Consumer[],
  expected: Expected,
): Promise<StepResult> {
  const sentences: string[] = [];
  for (const [index, consumer] of consumers.entries()) {
    const label = labelOf(context, index);
    const all = await consumer.instances(expected);
    const late = all.find((instance) => !isSettled([instance]));
    if (all.length === 0 || late !== undefined) {
      await context.note(
        "late",
        late === undefined
          ? `${label}: no instance is running`
          : `${label}: ${late.id} is not settled any more: ${late.detail}`,
        { loud: true },
      );
      return elapsedMs(context.state().startedAt, await context.now()) < settleWithinMs * (1 + all.length)
        ? { kind: "again", afterMs: 1_000 }
        : failed("not_settled", `${label} does not stay settled`, "look at its own log");
    }
    await progress(context, consumer, label, expected);
    sentences.push(
      `${label} ${String(all.length)} of ${String(all.length)}, all on the ${context.step.slot === "pending" ? "new" : "old"} value`,
    );
  }
  return { kind: "done", sentence: `rolled out: ${sentences.join("; ")}` };
}

async function instancesOf(consumer: Consumer, unit: string, expected: Expected): Promise<readonly Instance[]> {
  return (await consumer.instances(expected)).filter(({ id }) => id === unit || id.startsWith(`${unit}/`));
}

function failed(code: string, sentence: string, hint: string): StepResult {
  return { kind: "failed", reason: { code, sentence, hint } };
}

function labelOf(context: StepContext, index: number): string {
  const consumers = context.plan.consumers;
  return consumers === "live" ? "live" : (consumers[index]?.label ?? `consumer ${String(index)}`);
}
