import { nothingCut } from "../cut.ts";
import { inconsistent } from "../decide.ts";
import { proposalOf } from "../proposal.ts";
import { sealsOf } from "../sealed-credential.ts";
import type { StepContext, StepResult } from "../step.ts";
import { beforeCut } from "./announce.ts";
import { judgeRefusal, refusedForGood } from "./refused-cut.ts";

/**
 * Makes the credential valid at the issuer. A `single` one was proposed already, when it was published; one that was handed in
 * exists already. On the way back of a `single` one the old value is issued again. A cut looks at its gates first; one that the
 * issuer refuses for good fails only when it was seen what the refusal has left.
 */
export async function runIssue(context: StepContext): Promise<StepResult> {
  const issuer = await context.open.issuer();
  const rotationId = context.rotation().id;
  const current = await context.credential("current");
  if (context.step.slot === "current") {
    if (current === undefined) {
      throw inconsistent("there is no old value to issue again");
    }
    if (nothingCut(context.rotation()) && (await issuer.test(current)).verdict === "accepted") {
      return { kind: "done", sentence: "nothing was cut: the old credential still works" };
    }
    const pending = await context.credential("pending");
    await context.effect("issue", async () => {
      await issuer.issue({ rotationId, proposed: current, current: pending });
      return { detail: { principal: current.ref.principal } };
    });
    return { kind: "done", sentence: "old credential issued again" };
  }
  const waiting = (await judgeRefusal(context)) ?? (await beforeCut(context));
  if (waiting !== undefined) {
    return waiting;
  }
  const proposed = context.plan.rotator.origin === "minted" ? undefined : await proposalOf(context);
  const refused = await refusedForGood(context, () =>
    context.effect("issue", async () => {
      const issued = await issuer.issue({ rotationId, proposed, current });
      return {
        detail: { ...issued.ref },
        events: [{ type: "issued", ref: issued.ref, public: issued.public }],
        ...(proposed === undefined ? { seals: sealsOf("pending", issued) } : {}),
      };
    }),
  );
  if (refused !== undefined) {
    return refused;
  }
  const ref = context.rotation().pending;
  return {
    kind: "done",
    sentence: `new credential ${context.plan.rotator.origin === "handed-in" ? "taken over" : "issued"} (${ref?.principal ?? "unnamed"})`,
    detail: { principal: ref?.principal ?? "" },
  };
}
