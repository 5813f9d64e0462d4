import { GiveUp, KeyturnError, LeaseLost, TryLater } from "../errors.ts";
import type { Plan } from "../plan.ts";
import type { Consumer, Expected, Instance } from "../ports.ts";
import { redact } from "../redaction.ts";
import { isSettled } from "../settled.ts";
import { signatureOf } from "../signature.ts";
import type { StepContext, StepResult } from "../step.ts";
import { elapsedMs } from "../time.ts";

export type Planned = Omit<Exclude<Plan["consumers"], "live">[number], "kind" | "entry">;

/** What the plan says of a consumer. */
export function plannedOf({ plan: { consumers } }: StepContext, index: number): Planned {
  return (consumers === "live" ? undefined : consumers[index]) ?? { label: `consumer ${String(index)}` };
}

/** How long one unit may take from its reload until every instance of it is ready on the value, where its consumer does not say. */
const settleWithinMs = 180_000;

/** How long it may take. */
export function within({ withinMs = settleWithinMs }: Planned): number {
  return withinMs;
}

/** Reloads one unit unless it is on the value already. Undefined once every instance of it is settled; else what the step has to answer. */
export async function settleUnit(
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
    if (context.state().notes[lateTopic(name)]?.key === "late") {
      await context.note(lateTopic(name), `${label}: ${unit} is settled again`, { key: "again" });
    }
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
  const since = await unsettledSince(context, name, `${label}: ${lateOnes(mine, unit)} (settled before)`);
  if (elapsedMs(since, await context.now()) < within(planned)) {
    return { kind: "again", afterMs: 500 };
  }
  return failed(
    "not_settled",
    `${label} did not settle: ${lateOnes(mine, unit)}`,
    "look at its own log; it was restarted once and left as it is",
  );
}

/** From its reload, or, where it had settled and the next one was begun, from when that was no longer so: a node may be drained. */
async function unsettledSince(context: StepContext, name: string, sentence: string): Promise<string> {
  const { effects, notes, startedAt } = context.state();
  const reloadedAt = effects[name]?.outcomeAt ?? startedAt;
  const hadSettled =
    notes["held"] !== undefined || Object.values(effects).some(({ intendedAt }) => intendedAt > reloadedAt);
  return hadSettled ? context.note(lateTopic(name), sentence, { key: "late", loud: true }) : reloadedAt;
}

function lateTopic(name: string): string {
  return `late:${name}`;
}

/** "a: why; b: why and 3 more". */
export function lateOnes(instances: readonly Instance[], unit: string): string {
  const late = instances.filter((instance) => !isSettled([instance]));
  const named = late.slice(0, namedAtMost).map(({ id, detail }) => `${id}: ${detail}`);
  const more = late.length > namedAtMost ? ` and ${String(late.length - namedAtMost)} more` : "";
  return late.length === 0 ? `${unit}: no instance is running` : `${named.join("; ")}${more}`;
}
const namedAtMost = 5;

/**
 * One reload. One that fails as long as its unit may take to settle ends the roll-out, as a unit that does not settle does:
 * meanwhile the units beside it run on different values. What cannot be reached is waited for.
 *
 * @throws GiveUp what the reload threw last
 */
export function reloadOf(
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

function effectOf({ label }: Planned, unit: string): string {
  return `reload:${label}/${unit}`;
}

/** Notes how many instances of a consumer are settled, and the last ones that are not. */
export async function progress(
  context: StepContext,
  consumer: Consumer,
  planned: Planned,
  expected: Expected,
): Promise<void> {
  const all = await consumer.instances(expected);
  await context.note(`progress:${planned.label}`, `${planned.label}: ${counted(context, planned, all)}`);
}

/** "2 of 3 pods on the new value". */
export function counted({ step }: StepContext, { noun }: Planned, all: readonly Instance[]): string {
  const settled = all.filter((instance) => isSettled([instance])).length;
  const of = `${String(settled)} of ${String(all.length)}${noun === undefined ? "" : ` ${noun}`}`;
  const late = all.filter((instance) => !isSettled([instance])).map(({ id }) => id);
  // Whoever waits for the last ones wants to know which.
  const left = late.length === 0 || late.length > namedAtMost || settled === 0 ? "" : `; not yet: ${late.join(", ")}`;
  return `${of} on the ${step.slot === "pending" ? "new" : "old"} value${step.accepted === undefined ? "" : ", accepting the other"}${left}`;
}

/** Waiting does not help an instance that fails on the value it was given. What it wrote last is shown as signatures. */
export async function failure(
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

async function instancesOf(consumer: Consumer, unit: string, expected: Expected): Promise<readonly Instance[]> {
  return (await consumer.instances(expected)).filter(({ id }) => id === unit || id.startsWith(`${unit}/`));
}

export function failed(code: string, sentence: string, hint: string): StepResult {
  return { kind: "failed", reason: { code, sentence, hint } };
}
