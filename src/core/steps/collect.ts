import { type Credential, sortedFields } from "../credential.ts";
import { explain, GiveUp, LeaseLost, TryLater } from "../errors.ts";
import { sealsOf } from "../sealed-credential.ts";
import type { Secret } from "../secret.ts";
import { collectSlot } from "../state.ts";
import type { StepContext, StepResult } from "../step.ts";
import { elapsedMs } from "../time.ts";
import { uncarried } from "../uncarried.ts";
import { handedIn } from "../waiting.ts";
import { remindPeople } from "./remind.ts";

/** An issuer that gives no clear answer for this long has not accepted the value. */
const unclearForMs = 60_000;

/**
 * Waits for the value that a person brings over the one-time page. What came is tried before it is kept, and has to fit where
 * it is published: one that is refused is destroyed, and another link can be asked for. From here on a kept one is like one that Keyturn proposed.
 */
export async function runCollect(context: StepContext): Promise<StepResult> {
  if ((await context.credential("pending")) !== undefined) {
    return { kind: "done", sentence: tried(context) };
  }
  const brought = context.state().collected;
  const values = brought === undefined ? {} : await context.unseal(collectSlot(brought.link));
  return brought === undefined || Object.keys(values).length === 0 ? ask(context) : tryOut(context, brought, values);
}

type Brought = NonNullable<ReturnType<StepContext["state"]>["collected"]>;
type Values = Readonly<Record<string, Secret>>;

async function tryOut(context: StepContext, brought: Brought, values: Values): Promise<StepResult> {
  const judged = await fitted(context, await judge(context, brought, values));
  switch (judged.kind) {
    case "again":
      await context.note("trial", judged.sentence, { key: judged.sentence });
      return { kind: "again", afterMs: 1_000 };
    case "refused":
      return destroy(context, brought, judged.code, judged.sentence);
    case "kept": {
      const { credential } = judged;
      await context.record(
        [{ type: "proposed", ref: credential.ref, public: { ...credential.public } }],
        sealsOf("pending", credential),
        [collectSlot(brought.link)],
      );
      return { kind: "done", sentence: tried(context) };
    }
  }
}

type Judged =
  | { readonly kind: "kept"; readonly credential: Credential }
  | { readonly kind: "again"; readonly sentence: string }
  | { readonly kind: "refused"; readonly code: string; readonly sentence: string };

async function judge(context: StepContext, brought: Brought, values: Values): Promise<Judged> {
  const waitedMs = elapsedMs(brought.at, await context.now());
  const issuer = await context.open.issuer();
  try {
    const credential = await issuer.identify(fieldsOf(context, values));
    if (isSame(credential, await context.credential("current"))) {
      return { kind: "refused", code: "same_value", sentence: "it is the value that is in use already" };
    }
    if (context.plan.rotator.triedAt === "consumer") {
      return { kind: "kept", credential };
    }
    const trial = await issuer.test(credential);
    if (trial.verdict === "accepted") {
      return { kind: "kept", credential };
    }
    const patienceMs = trial.verdict === "unknown" ? unclearForMs : context.plan.rotator.issueWithinMs;
    return waitedMs < patienceMs
      ? { kind: "again", sentence: `the value that was handed in is not accepted yet (${trial.code})` }
      : { kind: "refused", code: trial.code, sentence: `it was not accepted (${trial.code})` };
  } catch (error) {
    if (error instanceof LeaseLost) {
      throw error;
    }
    // What was handed in is masked nowhere yet: of an error only its code is passed on.
    const { code } = explain(error);
    if (error instanceof GiveUp) {
      return { kind: "refused", code, sentence: `it does not fit this target (${code})` };
    }
    const afterMs = error instanceof TryLater ? error.afterMs : undefined;
    throw new TryLater(code, "the value that was handed in could not be tried yet", {
      ...(afterMs === undefined ? {} : { afterMs }),
    });
  }
}

/** One that works and cannot stand where it is to be published would be a dead end: another one can still be asked for. */
async function fitted(context: StepContext, judged: Judged): Promise<Judged> {
  const why = judged.kind === "kept" ? await uncarried(context, judged.credential) : undefined;
  return why === undefined ? judged : { kind: "refused", code: "not_carried", sentence: why };
}

/** What was handed in, over the public fields that stay as they are. */
function fieldsOf(context: StepContext, values: Values): Pick<Credential, "public" | "secret"> {
  const sorted = sortedFields(context.plan.rotator.fields, values);
  return { ...sorted, public: { ...context.rotation().public.current, ...sorted.public } };
}

function isSame(brought: Credential, current: Credential | undefined): boolean {
  return Object.entries(brought.secret).every(([name, value]) => current?.secret[name]?.equals(value) === true);
}

async function destroy(context: StepContext, brought: Brought, code: string, sentence: string): Promise<StepResult> {
  const told = `what was handed in is not kept: ${sentence}; it is destroyed, and another link can be asked for`;
  await context.record(
    [
      {
        type: "noted",
        step: context.step.id,
        topic: "verdict",
        key: brought.link,
        sentence: told,
        detail: { code },
        loud: true,
      },
    ],
    [],
    [collectSlot(brought.link)],
  );
  return ask(context);
}

function ask(context: StepContext): Promise<StepResult> {
  const fields = handedIn(context.rotation()).join(" and ");
  return remindPeople(
    context,
    `waiting for a person to hand in the new value (${fields}): ${context.plan.rotator.words.issue}. The button stands on the first message`,
  );
}

function tried(context: StepContext): string {
  return context.plan.rotator.triedAt === "consumer"
    ? "new credential handed in; it is tried when consumers run on it"
    : "new credential handed in, tried and accepted";
}
