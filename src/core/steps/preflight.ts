import { type Credential, sameRef } from "../credential.ts";
import { TryLater } from "../errors.ts";
import { rawSlot, sealSlot } from "../published.ts";
import { sealsOf } from "../sealed-credential.ts";
import type { StepContext, StepResult } from "../step.ts";
import { type Survey, survey } from "../survey.ts";
import { nextValues } from "../values.ts";

/**
 * The second look, just before the first effect. What it captures is durable on its own and never taken again: the current
 * credential and our keys' bytes (sealed), refs, versions, baselines. What differs from the approved plan stops here,
 * with nothing changed.
 *
 * @throws TryLater what could not be looked at just now, and nothing else is wrong
 */
export async function runPreflight(context: StepContext): Promise<StepResult> {
  if (context.rotation().captured !== undefined) {
    return { kind: "done", sentence: "looked again; what was found is recorded" };
  }
  const { releases = [] } = context.plan;
  const seen = await survey(context.open, context.plan, await context.now(), releases);
  const problems = seen.findings.filter(({ severity }) => severity === "error");
  const problem = problems.find(({ passing }) => passing !== true) ?? problems[0];
  if (problem?.passing === true) {
    throw new TryLater(problem.code, problem.sentence, { hint: problem.hint });
  }
  if (problem !== undefined) {
    return {
      kind: "failed",
      reason: {
        code: problem.code,
        sentence: problem.sentence,
        ...(problem.hint === undefined ? {} : { hint: problem.hint }),
      },
    };
  }
  const stale = differs(context, seen);
  if (stale !== undefined) {
    return {
      kind: "failed",
      reason: {
        code: "stale_plan",
        sentence: stale,
        hint: "nothing was changed; request the rotation again, so that people approve what is true now",
      },
    };
  }
  await capture(context, seen);
  return {
    kind: "done",
    sentence: `looked again: current credential ${seen.present}, nothing has changed since the request`,
  };
}

function differs(context: StepContext, seen: Survey): string | undefined {
  const planned = context.plan.current;
  if (seen.present !== context.plan.present) {
    return `the current credential was "${context.plan.present}" when people approved and is "${seen.present}" now`;
  }
  if (planned !== undefined && (seen.current === undefined || !sameRef(planned, seen.current.ref))) {
    return "the current credential is another one than people approved to replace";
  }
  const newlyRed = seen.red.filter((label) => !context.plan.red.includes(label));
  return newlyRed.length > 0 ? `red now and not when people approved: ${newlyRed.join(", ")}` : undefined;
}

/** What a store that cannot be read holds: what the current credential makes of its templates. */
function heldBefore({ plan }: StepContext, { current }: Survey, index: number) {
  const isUnread = plan.publishes[index]?.readable === false && current !== undefined;
  return isUnread ? nextValues(plan, index, {}, current) : undefined;
}

async function capture(context: StepContext, seen: Survey): Promise<void> {
  const before = seen.readings.flatMap(({ values }, index) =>
    Object.entries(heldBefore(context, seen, index) ?? values).flatMap(([position, value]) =>
      value === undefined ? [] : [{ slot: sealSlot({ slot: "current" }, index), position, value }],
    ),
  );
  const raw = seen.readings.flatMap((reading, index) =>
    Object.entries(reading.raw ?? {}).map(([position, value]) => ({ slot: rawSlot(index), position, value })),
  );
  const current: Credential | undefined = seen.current;
  await context.record(
    [
      {
        type: "captured",
        present: seen.present,
        ...(current === undefined ? {} : { current: { ref: current.ref, public: { ...current.public } } }),
        listed: seen.listed.map(({ ref }) => ref),
        stores: seen.readings.map(({ version, values }) => ({
          version,
          keys: Object.entries(values).map(([key, value]) => ({ key, present: value !== undefined })),
        })),
        baselines: [...seen.baselines],
        red: [...seen.red],
      },
    ],
    [...before, ...raw, ...(current === undefined ? [] : sealsOf("current", current))],
  );
}
