import { type Gate, gatesNow, opensAt } from "../gates.ts";
import { graceLimit } from "../grace-limit.ts";
import type { StepContext, StepResult } from "../step.ts";
import { elapsedMs } from "../time.ts";

/** A red gate that stays red this long is a verification failure; a shut one waits for as long as it takes. */
const patienceMs = 60_000;

/** Every gate, looked at afresh, is open. What is shut is named in the thread, once per change. */
export async function runRecheck(context: StepContext): Promise<StepResult> {
  return (await waitForGates(context)) ?? { kind: "done", sentence: "every gate is open, looked at afresh" };
}

/**
 * Undefined when all gates are open at this very look; else what the step has to answer. The steps that cannot be undone
 * by the next one call it immediately before their effect.
 */
export async function waitForGates(context: StepContext): Promise<StepResult | undefined> {
  return waitUntilOpen(context, await gatesNow(context), { limit: graceLimit(context.rotation()) });
}

type Waiting = {
  /** After it (ISO 8601 UTC) a person is asked, unless it is known when the gates open. */
  readonly limit: string | undefined;
  /** What else people must know while they are shut. */
  readonly aside?: string;
  /** Default true. */
  readonly loud?: boolean;
};

/** The same for gates that were just looked at. */
export async function waitUntilOpen(
  context: StepContext,
  gates: readonly Gate[],
  { limit, aside = "", loud = true }: Waiting,
): Promise<StepResult | undefined> {
  const now = await context.now();
  const shut = gates.filter(({ open }) => !open);
  if (shut.length === 0) {
    await context.note("gates", "every gate is open", { key: "open", detail: summary(gates) });
    return undefined;
  }
  const red = shut.some((gate) => gate.red);
  const sentence = `waiting: ${shut.map((gate) => gate.sentence).join("; ")}${aside}`;
  const since = await context.note("gates", sentence, {
    key: `${red ? "red" : "shut"}:${shut.map(({ name }) => name).join(",")}${aside}`,
    loud,
    detail: summary(gates),
  });
  if (red && elapsedMs(since, now) >= patienceMs) {
    return { kind: "failed", reason: { code: "check_red", sentence: shut.map((gate) => gate.sentence).join("; ") } };
  }
  if (limit !== undefined && now > limit && shut.some(({ retryAt }) => retryAt === undefined)) {
    return {
      kind: "blocked",
      reason: {
        code: "gates_stay_shut",
        sentence: `the gates have stayed shut: ${shut.map((gate) => gate.sentence).join("; ")}`,
        hint: "mend what is named and press Look again, or roll back",
      },
    };
  }
  const retryAt = opensAt(gates);
  const waitMs = retryAt === undefined ? 2_000 : elapsedMs(now, retryAt);
  return { kind: "again", afterMs: Math.min(60_000, Math.max(500, waitMs)) };
}

function summary(gates: readonly Gate[]) {
  return gates.map(({ name, open, sentence }) => ({ name, open, sentence }));
}
