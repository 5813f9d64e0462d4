import { inconsistent } from "../decide.ts";
import { GiveUp, KeyturnError, LeaseLost, TryLater } from "../errors.ts";
import type { Plan } from "../plan.ts";
import type { Consumer, Expected, Instance } from "../ports.ts";
import { expectedFor } from "../published.ts";
import { redact } from "../redaction.ts";
import { isSettled } from "../settled.ts";
import { signatureOf } from "../signature.ts";
import type { StepContext, StepResult } from "../step.ts";
import { elapsedMs } from "../time.ts";
import { beforeCut } from "./announce.ts";
import { measuredCut } from "./measured-cut.ts";

/** How long one unit may take from its reload until every instance of it is ready on the value, where its consumer does not say. */
const settleWithinMs = 180_000;

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
      const waiting = await settle(context, consumer, planned, unit, expected);
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

/**
 * One reload. One that fails as long as its unit may take to settle ends the roll-out, as a unit that does not settle does:
 * meanwhile the units beside it run on different values. What cannot be reached is waited for.
 *
 * @throws GiveUp what the reload threw last
 */
function reloadOf(
  context: StepContext,
  consumer: Consumer,
  planned: Planned,
  unit: string,
  expected: Expected,
): Parameters<StepContext["effects"]>[0][number] {
  const name = effectOf(planned, unit);
  const act = async () => {
    try {
      await consumer.reload(unit, expected);
    } catch (error) {
      const since = context.state().effects[name]?.intendedAt;
      const isReload = error instanceof KeyturnError && !(error instanceof TryLater) && !(error instanceof LeaseLost);
      if (!isReload || since === undefined || elapsedMs(since, await context.now()) < within(planned)) throw error;
      throw new GiveUp(error.code, error.message, { hint: error.hint, cause: error });
    }
    return { detail: { already: false } };
  };
  return { name, act };
}

function within({ withinMs = settleWithinMs }: Planned): number {
  return withinMs;
}

function effectOf({ label }: Planned, unit: string): string {
  return `reload:${label}/${unit}`;
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
  planned: Planned,
  unit: string,
  expected: Expected,
): Promise<StepResult | undefined> {
  const { label } = planned;
  const name = effectOf(planned, unit);
  const known = context.state().effects[name];
  let mine = await instancesOf(consumer, unit, expected);
  if (isSettled(mine)) {
    if (known?.outcomeAt === undefined) {
      await context.effect(name, () => Promise.resolve({ detail: { already: known === undefined } }));
    }
    return undefined;
  }
  if (known?.outcomeAt === undefined) {
    await context.effect(name, reloadOf(context, consumer, planned, unit, expected).act);
    mine = await instancesOf(consumer, unit, expected);
  }
  await progress(context, consumer, planned, expected);
  if (isSettled(mine)) {
    return undefined;
  }
  const hopeless = await failure(context, planned, mine, expected);
  if (hopeless !== undefined) {
    return hopeless;
  }
  const since = context.state().effects[name]?.outcomeAt ?? context.state().startedAt;
  if (elapsedMs(since, await context.now()) < within(planned)) {
    return { kind: "again", afterMs: 500 };
  }
  const stuck = mine.find((instance) => !isSettled([instance]));
  return failed(
    "not_settled",
    `${label}: ${stuck?.id ?? unit} did not settle: ${stuck?.detail ?? "no instance is running"}`,
    "look at its own log; it was restarted once and left as it is",
  );
}

async function progress(context: StepContext, consumer: Consumer, planned: Planned, expected: Expected): Promise<void> {
  const all = await consumer.instances(expected);
  await context.note(`progress:${planned.label}`, `${planned.label}: ${counted(context, planned, all)}`);
}

/** "2 of 3 pods on the new value". */
function counted({ step }: StepContext, { noun }: Planned, all: readonly Instance[]): string {
  const settled = all.filter((instance) => isSettled([instance])).length;
  const of = `${String(settled)} of ${String(all.length)}${noun === undefined ? "" : ` ${noun}`}`;
  return `${of} on the ${step.slot === "pending" ? "new" : "old"} value${step.accepted === undefined ? "" : ", accepting the other"}`;
}

/** Waiting does not help an instance that fails on the value it was given. What it wrote last is shown as signatures. */
async function failure(
  context: StepContext,
  { label }: Planned,
  instances: readonly Instance[],
  expected: Expected,
): Promise<StepResult | undefined> {
  const first = instances.find(({ failed }) => failed !== undefined);
  if (first?.failed === undefined) {
    return undefined;
  }
  const { code, sentence, lines } = first.failed;
  const both = [await context.credential("current"), await context.credential("pending")];
  const secrets = both.flatMap((credential) => Object.values(credential?.secret ?? {}));
  const known = [...secrets, ...Object.values(expected.values)];
  const said = [...new Set(lines.map((line) => signatureOf(redact(line, known))))].filter((line) => line !== "");
  return failed(
    code,
    `${label}: ${first.id} ${sentence}`,
    said.length === 0 ? "look at its own log" : `its own last words: ${said.slice(-shownLines).join(" / ")}`,
  );
}
const shownLines = 3;

async function finalLook(
  context: StepContext,
  consumers: readonly Consumer[],
  expected: Expected,
): Promise<StepResult> {
  const sentences: string[] = [];
  for (const [index, consumer] of consumers.entries()) {
    const planned = plannedOf(context, index);
    const { label, withinMs = settleWithinMs } = planned;
    const all = await consumer.instances(expected);
    const hopeless = await failure(context, planned, all, expected);
    if (hopeless !== undefined) {
      return hopeless;
    }
    const late = all.find((instance) => !isSettled([instance]));
    if (all.length === 0 || late !== undefined) {
      await context.note(
        "late",
        late === undefined
          ? `${label}: no instance is running`
          : `${label}: ${late.id} is not settled any more: ${late.detail}`,
        { loud: true },
      );
      await held(context, "late");
      return elapsedMs(context.state().startedAt, await context.now()) < withinMs * (1 + all.length)
        ? { kind: "again", afterMs: 1_000 }
        : failed("not_settled", `${label} does not stay settled`, "look at its own log");
    }
    await progress(context, consumer, planned, expected);
    sentences.push(`${label} ${counted(context, planned, all)}`);
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

async function instancesOf(consumer: Consumer, unit: string, expected: Expected): Promise<readonly Instance[]> {
  return (await consumer.instances(expected)).filter(({ id }) => id === unit || id.startsWith(`${unit}/`));
}

function failed(code: string, sentence: string, hint: string): StepResult {
  return { kind: "failed", reason: { code, sentence, hint } };
}

type Planned = Omit<Exclude<Plan["consumers"], "live">[number], "kind" | "entry">;

function plannedOf({ plan: { consumers } }: StepContext, index: number): Planned {
  return (consumers === "live" ? undefined : consumers[index]) ?? { label: `consumer ${String(index)}` };
}
