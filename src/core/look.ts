import type { Slot } from "./credential.ts";
import { explain, LeaseLost } from "./errors.ts";
import { expectedFor, holdingNow, valuesFor } from "./published.ts";
import { redact } from "./redaction.ts";
import { scopeFor } from "./scope.ts";
import type { Secret } from "./secret.ts";
import { isSettled } from "./settled.ts";
import type { StepContext } from "./step.ts";

/**
 * One gate, looked at afresh. `red`: what was seen contradicts the rotation (a check fails, the new credential is refused).
 * Not `open` without `red`: shut, or it could not be looked at; both keep the rotation where it is.
 */
export type Look = {
  readonly gate: "stores" | "consumers" | "credential" | "checks";
  readonly open: boolean;
  readonly red: boolean;
  readonly sentence: string;
  /** Somebody of the plan was seen who still uses the other credential: that shuts the gate, and ends a watch. */
  readonly laggard?: boolean;
};

/** Looks at every gate that says "the world is as we left it" for a slot. Never throws but for a lost lease. */
export async function lookAround(context: StepContext, slot: Slot): Promise<readonly Look[]> {
  const looks: Look[] = [];
  for (const [gate, look] of [
    ["stores", storesHold],
    ["consumers", consumersSettled],
    ["credential", credentialWorks],
    ...(context.plan.rotator.overlap === "accept-first" ? [["consumers", everyInstanceUsesIt] as const] : []),
  ] as const) {
    looks.push(await guarded(context, gate, () => look(context, slot)));
  }
  return [...looks, ...(await lookAtChecks(context, slot))];
}

/** Whether our keys in every store hold what was published. */
export async function lookAtStores(context: StepContext, slot: Slot): Promise<Look> {
  return guarded(context, "stores", () => storesHold(context, slot));
}

/** Runs every check once, in order; each gives a look of its own. */
export async function lookAtChecks(context: StepContext, slot: Slot): Promise<readonly Look[]> {
  const looks: Look[] = [];
  for (const index of context.plan.checks.keys()) {
    looks.push(await guarded(context, "checks", () => checkPasses(context, slot, index)));
  }
  return looks;
}

async function storesHold(context: StepContext, slot: Slot): Promise<Partial<Look>> {
  const stores = await context.open.stores();
  const unread = context.plan.publishes.filter(({ readable }) => readable === false);
  for (const [index, store] of stores.entries()) {
    if (context.plan.publishes[index]?.readable === false) {
      continue;
    }
    const wanted = await valuesFor(context, index, holdingNow(context, slot));
    const { values } = await store.read(Object.keys(wanted));
    const strayed = Object.keys(wanted).find((key) => !same(values[key], wanted[key]));
    if (strayed !== undefined) {
      const label = context.plan.publishes[index]?.label ?? "a store";
      return { open: false, sentence: `${label}: key ${strayed} does not hold what was published` };
    }
  }
  return {
    open: true,
    sentence: [
      `${counted(stores.length - unread.length)} what was published`,
      ...unread.map(({ label }) => `${label} cannot be read back`),
    ].join("; "),
  };
}

function counted(count: number): string {
  return `${String(count)} ${count === 1 ? "store holds" : "stores hold"}`;
}

async function consumersSettled(context: StepContext, slot: Slot): Promise<Partial<Look>> {
  if (context.plan.consumers === "live") {
    return { open: true, sentence: "consumers read the store at each use" };
  }
  const expected = await expectedFor(context, slot);
  const consumers = await context.open.consumers();
  if (expected === undefined || consumers.length === 0) {
    return { open: false, sentence: "nothing was published yet, or there is no consumer" };
  }
  let count = 0;
  for (const consumer of consumers) {
    const instances = await consumer.instances(expected);
    const late = instances.filter((instance) => !isSettled([instance]));
    count += instances.length;
    if (instances.length === 0 || late.length > 0) {
      return {
        open: false,
        sentence:
          instances.length === 0
            ? "a consumer has no instance"
            : `not settled: ${late.map(({ id, detail }) => `${id} (${detail})`).join(", ")}`,
      };
    }
  }
  return { open: true, sentence: `${String(count)} instances settled` };
}

async function credentialWorks(context: StepContext, slot: Slot): Promise<Partial<Look>> {
  const credential = await context.credential(slot);
  const issuer = await context.open.issuer();
  if (credential === undefined) {
    return { open: false, sentence: "there is no credential" };
  }
  const trial = await issuer.test(credential);
  const which = slot === "pending" ? "new" : "old";
  switch (trial.verdict) {
    case "accepted":
      return { open: true, sentence: `${which} credential accepted` };
    case "refused":
      return { open: false, red: true, sentence: `${which} credential refused (${trial.code})` };
    case "unknown":
      return { open: false, sentence: `${which} credential: ${trial.sentence}` };
  }
}

/** A start after the publish is no proof: an instance that was started from a stale copy still uses the other one. */
async function everyInstanceUsesIt(context: StepContext, slot: Slot): Promise<Partial<Look>> {
  const credential = await context.credential(slot);
  const issuer = await context.open.issuer();
  const signs = credential === undefined ? undefined : await issuer.signs?.(credential);
  const which = slot === "pending" ? "new" : "old";
  switch (signs?.verdict) {
    case undefined:
      return { open: true, sentence: `whether instances use the ${which} credential cannot be asked here` };
    case "accepted":
      return { open: true, sentence: `every instance uses the ${which} credential` };
    case "refused":
      return { laggard: true, sentence: `not every instance uses the ${which} credential (${signs.code})` };
    case "unknown":
      return { sentence: `whether every instance uses the ${which} credential: ${signs.sentence}` };
  }
}

async function checkPasses(context: StepContext, slot: Slot, index: number): Promise<Partial<Look>> {
  const checks = await context.open.checks();
  const label = context.plan.checks[index]?.label ?? `check ${String(index)}`;
  const baseline = context.rotation().captured?.baselines[index] ?? null;
  const verdict = await checks[index]?.run(baseline, await scopeFor(context, slot));
  if (verdict === undefined) {
    return { open: false, sentence: `${label} is not there` };
  }
  const accepted = verdict.warning === true;
  return {
    open: verdict.ok || accepted,
    red: !verdict.ok && !accepted,
    sentence: verdict.ok ? verdict.summary : `${verdict.summary}${accepted ? " (shown, not acted on)" : ""}`,
  };
}

async function guarded(context: StepContext, gate: Look["gate"], look: () => Promise<Partial<Look>>): Promise<Look> {
  try {
    return { gate, open: false, red: false, sentence: "", ...(await look()) };
  } catch (error) {
    if (error instanceof LeaseLost) {
      throw error;
    }
    const sentence = redact(explain(error).sentence, await secretsOf(context));
    return { gate, open: false, red: false, sentence: `could not look: ${sentence}` };
  }
}

async function secretsOf(context: StepContext): Promise<readonly Secret[]> {
  const both = [await context.credential("current"), await context.credential("pending")];
  return both.flatMap((credential) => Object.values(credential?.secret ?? {}));
}

function same(a: Secret | undefined, b: Secret | undefined): boolean {
  return a === undefined || b === undefined ? a === b : a.equals(b);
}
