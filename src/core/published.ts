import { z } from "zod";
import type { Slot } from "./credential.ts";
import { inconsistent } from "./decide.ts";
import type { Plan, Step } from "./plan.ts";
import type { Expected } from "./ports.ts";
import { type Rotation, touched } from "./rotation.ts";
import type { Secret } from "./secret.ts";
import type { StepContext } from "./step.ts";
import { isWrittenFor } from "./target.ts";

/**
 * What stores hold: the credential of `slot` as the one in use and, with overlap accept-first, the one of `accepted` beside it.
 * A step is one: it is about what stands in the stores while it runs.
 */
export type Holding = { readonly slot: Slot; readonly accepted?: Slot };

/** Slot of the seals that hold our keys' bytes as they were before the rotation, or as it wrote them. */
export function sealSlot({ slot, accepted }: Holding, index: number): string {
  if (accepted !== undefined) {
    return `written ${slot}+${accepted}:${String(index)}`;
  }
  return `${slot === "pending" ? "written" : "before"}:${String(index)}`;
}

/** Everything that the stores may hold in the course of a plan, what they held before it included. */
export function holdingsOf({ steps, back }: Pick<Plan, "steps" | "back">): readonly Holding[] {
  const all: Holding[] = [{ slot: "current" }, ...[...steps, ...back].filter(({ kind }) => kind === "publish")];
  return all.filter((each, index) => all.findIndex((other) => sealSlot(other, 0) === sealSlot(each, 0)) === index);
}

/** The publish that put a slot in use as it is now: the last one of this direction that was begun. */
function publishOf(rotation: Rotation, slot: Slot): Step | undefined {
  const steps = rotation.direction === "forward" ? rotation.plan.steps : rotation.plan.back;
  const publishes = steps.filter((step) => step.kind === "publish" && step.slot === slot);
  return publishes.findLast(({ id }) => touched(rotation, id)) ?? publishes[0];
}

/** The outcome of one publish as the journal keeps it: versions of the store, and where the value is now when that moves. */
export const Published = z.strictObject({ from: z.string(), to: z.string(), place: z.string().exactOptional() });
export type Published = z.infer<typeof Published>;

/**
 * What the keys of one publish should hold. `undefined` as a value: the key was not there and is to be removed.
 * Without the keys that are not written for the credential of the slot (`only`): they keep what they hold, so that on the
 * way back consumers that still run on the new one are not cut off by it.
 */
export async function valuesFor(
  context: StepContext,
  index: number,
  holding: Holding,
): Promise<Readonly<Record<string, Secret | undefined>>> {
  const publish = context.plan.publishes[index];
  if (publish === undefined) {
    throw inconsistent(`the plan has no publish ${String(index)}`);
  }
  const sealed = await context.unseal(sealSlot(holding, index));
  const shown = context.rotation().public[holding.slot];
  const written = Object.entries(publish.values).filter(([, value]) => isWrittenFor(value, shown));
  return Object.fromEntries(written.map(([key]) => [key, sealed[key]]));
}

/**
 * What consumers should run on for a slot, and since when it stands in the stores. Undefined while it was not published.
 * `since` is the time of the last publish outcome: a restart between the write and that outcome counts as too early.
 */
export async function expectedFor(context: StepContext, slot: Slot): Promise<Expected | undefined> {
  const rotation = context.rotation();
  const credential = (await context.credential(slot)) ?? (slot === "current" ? nothingBefore(rotation) : undefined);
  const step = publishOf(rotation, slot);
  const effects = rotation.steps[step?.id ?? ""]?.effects ?? {};
  const since = Object.values(effects)
    .map(({ outcomeAt }) => outcomeAt ?? "")
    .sort()
    .at(-1);
  if (credential === undefined || since === undefined || since === "") {
    return undefined;
  }
  const values: Record<string, Secret> = {};
  const places: Record<string, string> = {};
  for (const [index, { label }] of context.plan.publishes.entries()) {
    const { data } = Published.safeParse(effects[`publish:${String(index)}`]?.detail);
    if (data?.place !== undefined) {
      places[label] = data.place;
    }
    for (const [key, value] of Object.entries(await valuesFor(context, index, step ?? { slot }))) {
      if (value !== undefined) {
        values[key] = value;
      }
    }
  }
  return { ref: credential.ref, public: credential.public, values, since, places };
}

/** What the stores hold now, with the credential of `slot` in use. */
export function holdingNow(context: StepContext, slot: Slot): Holding {
  return publishOf(context.rotation(), slot) ?? { slot };
}

/** Before a first rotation there was none: on its way back consumers run without our keys, and public fields name nobody. */
function nothingBefore({ present }: Rotation): Pick<Expected, "ref" | "public"> | undefined {
  return present === "none" ? { ref: { principal: "", generation: "" }, public: {} } : undefined;
}

/** Slot of the seals that hold how our keys' values were written before the rotation, where a store tells. */
export function rawSlot(index: number): string {
  return `raw:${String(index)}`;
}
