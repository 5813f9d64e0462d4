import type { Slot } from "../credential.ts";
import { inconsistent, isWithdrawal } from "../decide.ts";
import { GiveUp, LostRace } from "../errors.ts";
import type { Store } from "../ports.ts";
import { proposalOf } from "../proposal.ts";
import { holdingsOf, Published, rawSlot, sealSlot, valuesFor } from "../published.ts";
import type { Secret } from "../secret.ts";
import type { StepContext, StepResult } from "../step.ts";
import { nextValues } from "../values.ts";
import { waitForGates } from "./recheck.ts";

type Values = Readonly<Record<string, Secret | undefined>>;

/**
 * Writes our keys in every store: a dry run of all first, then one effect per store, each a compare-and-set of only our
 * keys. Forward it writes the new values over the recorded old ones; on the way back the recorded bytes over what this
 * rotation wrote. A key that holds neither was changed by somebody else: nothing is overwritten, that writer is named. Then the
 * hops that read what was published are told. The publish that withdraws acceptance of the old credential looks at every gate
 * first.
 */
export async function runPublish(context: StepContext): Promise<StepResult> {
  if (isWithdrawal(context.rotation(), context.step) && Object.keys(context.state().effects).length === 0) {
    const waiting = stubborn(context) ?? (await waitForGates(context));
    if (waiting !== undefined) {
      return waiting;
    }
  }
  const stores = await context.open.stores();
  for (const [index, store] of stores.entries()) {
    const refusal = (await store.preflight(keysOf(context, index))).find(({ severity }) => severity === "error");
    if (refusal !== undefined) {
      throw new GiveUp(refusal.code, `${labelOf(context, index)}: ${refusal.sentence}`, { hint: refusal.hint });
    }
  }
  const sentences: string[] = [];
  for (const [index, store] of stores.entries()) {
    sentences.push(await publishTo(context, store, index));
  }
  for (const [index, store] of stores.entries()) {
    if (store.arrived !== undefined && !(await store.arrived(await valuesFor(context, index, context.step)))) {
      await context.note("arrival", `waiting until ${labelOf(context, index)} has spread`);
      return { kind: "again", afterMs: 1_000 };
    }
  }
  const { published } = await context.open.issuer();
  if (published !== undefined) {
    await context.effect("published", async () => {
      await published(await context.credential(context.step.slot));
      return { detail: null };
    });
  }
  return { kind: "done", sentence: `${sentences.join("; ")}${phaseWords(context)}` };
}

/** The same keys are published up to three times, and only this tells people which time it was. */
function phaseWords({ plan, step: { slot, accepted } }: StepContext): string {
  if (plan.rotator.overlap !== "accept-first") {
    return "";
  }
  const used = slot === "pending" ? "new" : "old";
  return accepted === undefined
    ? `; from the next start on only the ${used} credential is accepted`
    : `; from the next start on the ${used} credential is used and the ${accepted === "pending" ? "new" : "old"} one is accepted beside it`;
}

/** By itself. After the last time it stays accepted until a person has looked. */
const maxAcceptedAgain = 3;

/** Acceptance was given back for a laggard too often: the next withdrawal waits for a person, with both credentials accepted. */
function stubborn(context: StepContext): StepResult | undefined {
  const { enabledAgain, lookedAgainAt = "" } = context.rotation();
  if (enabledAgain < maxAcceptedAgain || lookedAgainAt > context.state().startedAt) {
    return undefined;
  }
  const sentence = `the old credential was accepted again for a laggard ${String(enabledAgain)} times, and stays so`;
  const hint = "find out who still uses it and press Look again, or roll back";
  return { kind: "blocked", reason: { code: "laggard", sentence, hint } };
}

async function publishTo(context: StepContext, store: Store, index: number): Promise<string> {
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

async function write(context: StepContext, store: Store, index: number): Promise<Published> {
  const wanted = await valuesFor(context, index, context.step);
  const ours = await allOurs(context, index);
  const { version, values, place } = await store.read(keysOf(context, index));
  const patch: Record<string, Secret | undefined> = {};
  // What cannot be read back is written again whenever it is not known that it was: the same bytes each time.
  const isUnread = context.plan.publishes[index]?.readable === false;
  for (const key of Object.keys(wanted)) {
    if (isUnread) {
      patch[key] = wanted[key];
      continue;
    }
    if (same(values[key], wanted[key])) {
      continue;
    }
    if (!ours.some((other) => same(values[key], other[key]))) {
      throw new GiveUp(
        "foreign_write",
        `${labelOf(context, index)}: key ${key} holds neither the old value nor ours; somebody else wrote it`,
        {
          hint: "find out who writes this key, put the value back that should stand there, then look again",
        },
      );
    }
    patch[key] = wanted[key];
  }
  if (Object.keys(patch).length === 0) {
    return { from: version, to: version, ...(place === undefined ? {} : { place }) };
  }
  try {
    const written = await store.publish(patch, version, await context.unseal(rawSlot(index)));
    return { from: version, to: written.version, ...(written.place === undefined ? {} : { place: written.place }) };
  } catch (error) {
    if (error instanceof LostRace) {
      return write(context, store, index);
    }
    throw error;
  }
}

/** Everything that this rotation found or wrote there, in any of its phases. */
async function allOurs(context: StepContext, index: number): Promise<readonly Values[]> {
  const all: Values[] = [];
  for (const holding of holdingsOf(context.plan)) {
    all.push(await context.unseal(sealSlot(holding, index)));
  }
  return all;
}

function same(a: Values[string], b: Values[string]): boolean {
  return a === undefined || b === undefined ? a === b : a.equals(b);
}

function keysOf(context: StepContext, index: number): string[] {
  return Object.keys(context.plan.publishes[index]?.values ?? {});
}

function labelOf(context: StepContext, index: number): string {
  return context.plan.publishes[index]?.label ?? `store ${String(index)}`;
}
