import { explain, LeaseLost } from "./errors.ts";
import { type Holding, holdingsOf, sealSlot, valuesFor } from "./published.ts";
import type { Rotation } from "./rotation.ts";
import type { Secret } from "./secret.ts";
import type { StepContext } from "./step.ts";

type Values = Readonly<Record<string, Secret | undefined>>;

/** Everything that this rotation found in one store, or wrote there in any of its phases, as far as it was prepared. */
export async function oursAt(context: StepContext, index: number): Promise<readonly Values[]> {
  return (await preparedAt(context, index)).map(({ values }) => values);
}

/**
 * What each store of the plan holds, in words for people who must decide: "seen in the stores: A: the old value; B: somebody
 * else's value; C: could not be read (timeout)". Never a value. Throws only when the lease is lost.
 */
export async function seenInStores(context: StepContext): Promise<string> {
  const rows: string[] = [];
  for (const [index, { label }] of context.plan.publishes.entries()) {
    rows.push(`${label}: ${await seenAt(context, index)}`);
  }
  return `seen in the stores: ${rows.join("; ")}`;
}

async function seenAt(context: StepContext, index: number): Promise<string> {
  const publish = context.plan.publishes[index];
  if (publish?.readable === false) {
    return `cannot be read back, ${lastWritten(context.rotation(), index)}`;
  }
  const store = (await context.open.stores())[index];
  let values: Values | undefined;
  try {
    values = (await store?.read(Object.keys(publish?.values ?? {})))?.values;
  } catch (error) {
    if (error instanceof LeaseLost) {
      throw error;
    }
    const { code } = explain(error);
    return code === "store_missing" ? "is not there" : `could not be read (${code})`;
  }
  return values === undefined ? "could not be read" : wordsFor(context, index, values);
}

async function wordsFor(context: StepContext, index: number, values: Values): Promise<string> {
  const prepared = await preparedAt(context, index);
  const whole: Holding[] = [];
  for (const { holding } of prepared) {
    const wanted = Object.entries(await valuesFor(context, index, holding));
    if (wanted.length > 0 && wanted.every(([key, value]) => same(values[key], value))) {
      whole.push(holding);
    }
  }
  const [first] = whole;
  if (first !== undefined && whole.every(({ slot }) => slot === first.slot)) {
    return holdingWords(context.rotation(), first);
  }
  const [before, ...written] = prepared;
  const words = Object.entries(values).map(([key, value]) => {
    if (same(value, before?.values[key])) {
      return { key, holds: "what it held before" };
    }
    const isOurs = written.some((each) => same(value, each.values[key]));
    return {
      key,
      holds: isOurs ? "what this rotation wrote" : value === undefined ? "nothing" : "somebody else's value",
    };
  });
  const [one] = words;
  return one !== undefined && words.every(({ holds }) => holds === one.holds)
    ? one.holds
    : words.map(({ key, holds }) => `${key} ${holds}`).join(", ");
}

type Prepared = { readonly holding: Holding; readonly values: Readonly<Record<string, Secret>> };

/** What was there before comes first, then what has nothing accepted beside it: where there is no second key that says it all. */
async function preparedAt(context: StepContext, index: number): Promise<readonly Prepared[]> {
  const all: Prepared[] = [];
  const holdings = holdingsOf(context.plan);
  const plain = holdings.filter(({ accepted }) => accepted === undefined);
  for (const holding of [...plain, ...holdings.filter(({ accepted }) => accepted !== undefined)]) {
    const values = await context.unseal(sealSlot(holding, index));
    if (Object.keys(values).length > 0 || all.length === 0) {
      all.push({ holding, values });
    }
  }
  return all;
}

function holdingWords({ present }: Rotation, { slot, accepted }: Holding): string {
  if (slot === "current" && accepted === undefined && present === "none") {
    return "nothing, as before";
  }
  const beside = accepted === undefined ? "" : ` and the ${wordFor(accepted)} one accepted beside it`;
  return `the ${wordFor(slot)} value${beside}`;
}

/** The journal is all that is known of a store that shows nothing. */
function lastWritten({ plan, steps }: Rotation, index: number): string {
  const writes = [...plan.steps, ...plan.back].flatMap(({ id, kind, slot }) => {
    const effect = kind === "publish" ? steps[id]?.effects[`publish:${String(index)}`] : undefined;
    return effect === undefined ? [] : [{ slot, at: effect.intendedAt, known: effect.outcomeAt !== undefined }];
  });
  const last = writes.toSorted((a, b) => (a.at < b.at ? -1 : 1)).at(-1);
  if (last === undefined) {
    return "this rotation wrote nothing there";
  }
  return `the ${wordFor(last.slot)} value ${last.known ? "was written" : "may have been written"} last`;
}

function wordFor(slot: Holding["slot"]): "old" | "new" {
  return slot === "pending" ? "new" : "old";
}

function same(a: Secret | undefined, b: Secret | undefined): boolean {
  return a === undefined || b === undefined ? a === b : a.equals(b);
}
