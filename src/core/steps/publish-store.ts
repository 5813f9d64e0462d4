import type { Slot } from "../credential.ts";
import { inconsistent } from "../decide.ts";
import { GiveUp, LostRace } from "../errors.ts";
import type { Store } from "../ports.ts";
import { proposalOf } from "../proposal.ts";
import { Published, rawSlot, sealSlot, valuesFor } from "../published.ts";
import type { Secret } from "../secret.ts";
import type { StepContext } from "../step.ts";
import { oursAt } from "../stored.ts";
import { nextValues } from "../values.ts";

/**
 * Writes our keys in one store: one effect, a compare-and-set of only our keys. Forward the new values over the recorded old
 * ones; on the way back the recorded bytes over what this rotation wrote, after a dry run of its own where there is something
 * to write. Returns what was done, in words.
 *
 * Throws GiveUp("foreign_write") where a key holds neither, LostRace where somebody is faster each time, and what the store throws.
 */
export async function publishTo(context: StepContext, store: Store, index: number): Promise<string> {
  const label = labelOf(context, index);
  const seals = await prepare(context, store, index);
  const detail = await context.effect(
    `publish:${String(index)}`,
    async () => {
      return { detail: { ...(await write(context, store, index)) } };
    },
    seals,
  );
  const { from, to } = Published.parse(detail);
  const keys = Object.keys(await valuesFor(context, index, context.step)).length;
  return `published to ${label}, ${String(keys)} ${keys === 1 ? "key" : "keys"}, version ${from} -> ${to}`;
}

/** Reads only. Throws GiveUp with the first thing that stands in the way of a write. */
export async function dryRun(context: StepContext, store: Store, index: number): Promise<void> {
  const refusal = (await store.preflight(keysOf(context, index))).find(({ severity }) => severity === "error");
  if (refusal !== undefined) {
    throw new GiveUp(refusal.code, `${labelOf(context, index)}: ${refusal.sentence}`, { hint: refusal.hint });
  }
}

/** What people call a store of the plan. */
export function labelOf(context: StepContext, index: number): string {
  return context.plan.publishes[index]?.label ?? `store ${String(index)}`;
}

/** The bytes that will be written, made once: a resume finds them sealed and writes the same. What was there before is sealed already. */
async function prepare(context: StepContext, store: Store, index: number) {
  const slot = sealSlot(context.step, index);
  if (slot === sealSlot({ slot: "current" }, index) || Object.keys(await context.unseal(slot)).length > 0) {
    return [];
  }
  const proposal = await proposalOf(context);
  const current = await context.credential("current");
  const of = (which: Slot | undefined) => (which === "pending" ? proposal : which === "current" ? current : undefined);
  const credential = of(context.step.slot);
  if (credential === undefined) {
    throw inconsistent(`there is no ${context.step.slot} credential to publish`);
  }
  const { values } = await store.read(keysOf(context, index));
  const next = nextValues(context.plan, index, values, credential, of(context.step.accepted));
  return Object.entries(next).map(([position, value]) => ({ slot, position, value }));
}

/** A conflict that comes again at once is no race: what is left is the engine's patience, in which people can stop it. */
const races = 3;

async function write(context: StepContext, store: Store, index: number): Promise<Published> {
  let lost: LostRace | undefined;
  for (let race = 0; race < races; race++) {
    try {
      return await writeOnce(context, store, index);
    } catch (error) {
      if (!(error instanceof LostRace)) {
        throw error;
      }
      lost = error;
    }
  }
  throw new LostRace(`${labelOf(context, index)}, ${String(races)} times in a row: ${lost?.message ?? "a conflict"}`, {
    hint: lost?.hint ?? "find out who writes there all the time",
  });
}

async function writeOnce(context: StepContext, store: Store, index: number): Promise<Published> {
  const { version, values, place } = await store.read(keysOf(context, index));
  const patch = await patchFor(context, index, values);
  if (Object.keys(patch).length === 0) {
    return { from: version, to: version, ...(place === undefined ? {} : { place }) };
  }
  if (context.rotation().direction === "back") {
    await dryRun(context, store, index);
  }
  const written = await store.publish(patch, version, await context.unseal(rawSlot(index)));
  return { from: version, to: written.version, ...(written.place === undefined ? {} : { place: written.place }) };
}

type Values = Readonly<Record<string, Secret | undefined>>;

/** What has to be written. What cannot be read back is written again whenever it is not known that it was: the same bytes each time. */
async function patchFor(context: StepContext, index: number, values: Values): Promise<Values> {
  const wanted = await valuesFor(context, index, context.step);
  if (context.plan.publishes[index]?.readable === false) {
    return wanted;
  }
  const ours = await oursAt(context, index);
  const open = Object.entries(wanted).filter(([key, value]) => !same(values[key], value));
  const foreign = open.find(([key]) => !ours.some((other) => same(values[key], other[key])));
  if (foreign !== undefined) {
    throw new GiveUp(
      "foreign_write",
      `${labelOf(context, index)}: key ${foreign[0]} holds neither the old value nor ours; somebody else wrote it`,
      {
        hint: "find out who writes this key, put the value back that should stand there, then look again",
      },
    );
  }
  return Object.fromEntries(open);
}

function same(a: Secret | undefined, b: Secret | undefined): boolean {
  return a === undefined || b === undefined ? a === b : a.equals(b);
}

function keysOf(context: StepContext, index: number): string[] {
  return Object.keys(context.plan.publishes[index]?.values ?? {});
}
