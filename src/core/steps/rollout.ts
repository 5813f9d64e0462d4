import { inconsistent } from "../decide.ts";
import type { Consumer, Expected } from "../ports.ts";
import { expectedFor } from "../published.ts";
import { isSettled } from "../settled.ts";
import type { StepContext, StepResult } from "../step.ts";
import { elapsedMs } from "../time.ts";
import { beforeCut } from "./announce.ts";
import { measuredCut } from "./measured-cut.ts";
import { counted, failed, failure, lateOnes, plannedOf, progress, reloadOf, settleUnit, within } from "./settle.ts";

/**
 * Reloads every unit of every consumer, one after the other; each must have settled before the next is touched, and the
 * first that does not ends the step. The step is done only when all instances of all consumers are settled at one look, and
 * have stayed so for as long as their consumers ask: something else may undo a reload.
 */
export async function runRollout(context: StepContext): Promise<StepResult> {
  if (context.plan.consumers === "live") {
    return { kind: "done", sentence: "consumers read the store at each use; nothing to restart" };
  }
  const expected = await expectedFor(context, context.step.slot);
  if (expected === undefined) {
    throw inconsistent("a roll-out before its publish");
  }
  const early = await beforeCut(context);
  if (early !== undefined) {
    return early;
  }
  const consumers = (await context.open.consumers()).map((consumer) => asBefore(context, consumer));
  if (context.plan.rotator.overlap === "single" && context.plan.rotator.triedAt === "consumer") {
    await reloadAllAtOnce(context, consumers, expected);
  }
  for (const [index, consumer] of consumers.entries()) {
    const planned = plannedOf(context, index);
    const { label } = planned;
    const units = await consumer.units();
    if (units.length === 0) {
      return failed(
        "zero_consumers",
        `${label} has no instance that could be restarted`,
        "zero instances are never taken for settled; start it, then look again",
      );
    }
    for (const unit of units) {
      const waiting = await settleUnit(context, consumer, planned, unit, expected);
      if (waiting !== undefined) {
        return waiting;
      }
    }
  }
  return finalLook(context, consumers, expected);
}

/** Whoever has the new value refuses whoever has the old one, so the cut is as long as the slowest restart, and no longer. */
async function reloadAllAtOnce(
  context: StepContext,
  consumers: readonly Consumer[],
  expected: Expected,
): Promise<void> {
  const reloads: Parameters<StepContext["effects"]>[0][number][] = [];
  for (const [index, consumer] of consumers.entries()) {
    for (const unit of await consumer.units()) {
      reloads.push(reloadOf(context, consumer, plannedOf(context, index), unit, expected));
    }
  }
  await context.effects(reloads);
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

async function finalLook(
  context: StepContext,
  consumers: readonly Consumer[],
  expected: Expected,
): Promise<StepResult> {
  const sentences: string[] = [];
  for (const [index, consumer] of consumers.entries()) {
    const planned = plannedOf(context, index);
    const { label } = planned;
    const all = await consumer.instances(expected);
    const hopeless = await failure(context, planned, all, expected);
    if (hopeless !== undefined) {
      return hopeless;
    }
    if (!isSettled(all)) {
      const late = lateOnes(all, label);
      const since = await context.note("late", `${label} is not settled any more: ${late}`, { key: label, loud: true });
      await held(context, "late");
      return elapsedMs(since, await context.now()) < within(planned)
        ? { kind: "again", afterMs: 1_000 }
        : failed("not_settled", `${label} does not stay settled: ${late}`, "look at its own log");
    }
    await progress(context, consumer, planned, expected);
    sentences.push(`${label} ${counted(context, planned, all)}`);
  }
  if ((context.state().notes["late"]?.key ?? "") !== "") {
    await context.note("late", "all are settled again", { key: "" });
  }
  const leftMs = await held(context, "settled");
  if (leftMs > 0) {
    return { kind: "again", afterMs: Math.min(leftMs, 2_000) };
  }
  const settledAt = context.state().notes["held"]?.at ?? (await context.now());
  return { kind: "done", sentence: `rolled out: ${sentences.join("; ")}${await measuredCut(context, settledAt)}` };
}

/** Notes how all consumers stand; returns how much longer they must stand settled, in ms. */
async function held(context: StepContext, standing: "settled" | "late"): Promise<number> {
  const { consumers } = context.plan;
  const holdMs = consumers === "live" ? 0 : Math.max(...consumers.map((each) => each.holdMs ?? 0));
  if (holdMs === 0) {
    return 0;
  }
  const sentence =
    standing === "settled"
      ? `all are settled; they must stay so for ${String(holdMs / 1_000)} s`
      : "not all are settled";
  const since = await context.note("held", sentence, { key: standing });
  return holdMs - elapsedMs(since, await context.now());
}
