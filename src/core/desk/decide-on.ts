import { aboutOf, isBound, outdated, writeDetail } from "../about.ts";
import { evaluateApproval, mayVote } from "../approval.ts";
import type { Answer, Asker, Desk, Refusal } from "../desk.ts";
import { explain, TryLater } from "../errors.ts";
import { headlineOf } from "../headline.ts";
import { nextSubject, overrideDigest, overrideSubject, overrideVotes, refuseOverride } from "../overrides.ts";
import { needsFullPolicy, type PressVerb, stalePlan, wholePolicy } from "../presses.ts";
import { refuseVerb, type Standing, type Verb } from "../rights.ts";
import { foldRotation, type Rotation } from "../rotation.ts";
import { type DeskDeps, standingNow } from "./deps.ts";

/** What a press needs: no catalog and no adapters, so that the command line can press too. */
export type PressDeps = Pick<DeskDeps, "state" | "directory" | "wake"> & Partial<Pick<DeskDeps, "catalog">>;
type VoteInput = Parameters<Desk["vote"]>[0];
type PressInput = Parameters<Desk["press"]>[0];
type OverrideInput = Parameters<Desk["override"]>[0];

/** One vote of one person on the plan as it stands on the card. Two clicks, ten replays: one effect. */
export async function castVote(deps: DeskDeps, input: VoteInput): Promise<Answer> {
  return withRotation(deps, input.rotationId, async (rotation) => {
    if (rotation.phase !== "pending") {
      return refused(
        "decided_already",
        `this request was decided already: ${rotation.ended?.sentence ?? "it was approved"}`,
      );
    }
    if (input.digest !== rotation.digest) {
      return refused("older_plan", "this card shows an older plan; vote on the newest card");
    }
    if ((await deps.state.now()) >= rotation.expiresAt) {
      await deps.wake(rotation.id);
      return refused("expired", "this request has expired");
    }
    const refusal = await checkRight(deps, "vote", input.asker, rotation);
    if (refusal !== undefined) {
      return refusal;
    }
    if (input.decision === "approve" && !deps.catalogStill(rotation.plan)) {
      return voidStale(deps, rotation);
    }
    const actor = { ...input.asker };
    const detail = `${input.decision} plan ${rotation.digest}${input.because.length > 0 ? `: ${input.because}` : ""}`;
    const first = await deps.state.addVote(
      {
        rotationId: rotation.id,
        actor,
        decision: input.decision,
        digest: input.digest,
        subject: "plan",
        because: input.because,
      },
      { actor, verb: input.decision, rotationId: rotation.id, detail },
    );
    await deps.wake(rotation.id);
    return first
      ? {
          kind: "ok",
          sentence: input.decision === "approve" ? "your approval is recorded" : "your rejection is recorded",
        }
      : refused("voted_already", "you have voted on this request already");
  });
}

/** A plan that the catalog no longer makes is approved by nobody: the request ends, so that it can be made again. */
async function voidStale(deps: DeskDeps, { id }: Rotation): Promise<Answer> {
  const actor = { kind: "engine", id: "keyturn" } as const;
  const entry = { actor, verb: "void", rotationId: id, detail: stalePlan.code };
  await deps.state.addCommand({ rotationId: id, verb: "void", actor, detail: "" }, stalePlan.code, entry);
  await deps.wake(id);
  return refused(stalePlan.code, stalePlan.sentence, stalePlan.hint);
}

/** A press becomes a row that the lease holder answers; it never waits for the step that is under way. */
export async function press(deps: PressDeps, input: PressInput): Promise<Answer> {
  return withRotation(deps, input.rotationId, async (rotation) => {
    if (rotation.phase === "ended") {
      return refused("ended", `this rotation has ended: ${rotation.ended?.sentence ?? ""}`);
    }
    const refusal = await checkRight(deps, input.verb, input.asker, rotation);
    if (refusal !== undefined) {
      return refusal;
    }
    if (needsFullPolicy(rotation, input.verb)) {
      return refused(wholePolicy.code, wholePolicy.sentence, wholePolicy.hint);
    }
    const about = isBound(input.verb) ? (input.about ?? aboutOf(rotation, input.verb)) : undefined;
    const older = about === undefined ? undefined : outdated(rotation, input.verb, about);
    if (older !== undefined) {
      // Whoever pressed saw an older card: it is brought up to date.
      await deps.wake(rotation.id);
      return { kind: "refused", refusal: older };
    }
    if (input.verb === "confirm" && about === undefined) {
      return refused("nothing_to_confirm", `nothing waits to be confirmed now: ${headlineOf(rotation).line}`);
    }
    const actor = { ...input.asker };
    const fresh = await deps.state.addCommand(
      { rotationId: rotation.id, verb: input.verb, actor, detail: writeDetail({ text: input.detail, about }) },
      input.onceKey,
      { actor, verb: input.verb, rotationId: rotation.id, detail: input.detail },
    );
    await deps.wake(rotation.id);
    return fresh
      ? { kind: "ok", sentence: `${words[input.verb]}; the thread shows what comes of it` }
      : { kind: "ok", sentence: "this press was taken already" };
  });
}

/** A vote for a verb that needs the full policy again, bound to the evidence as it stands. */
export async function castOverride(deps: DeskDeps, input: OverrideInput): Promise<Answer & { digest?: string }> {
  return withRotation<Answer & { digest?: string }>(deps, input.rotationId, async (rotation) => {
    const digest = overrideDigest(rotation, input.verb);
    const impossible = refuseOverride(rotation, input.verb);
    if (impossible !== undefined) {
      return { kind: "refused", refusal: impossible };
    }
    if (input.digest !== undefined && input.digest !== digest) {
      return {
        ...refused(
          "evidence_changed",
          `the evidence has changed since this card; now: ${headlineOf(rotation).line}`,
          "vote on the newest card",
        ),
        digest,
      };
    }
    const actor = { ...input.asker };
    const subject = overrideSubject(input.verb, digest);
    const now = await deps.state.now();
    const before = await deps.state.votes(rotation.id);
    const voters = overrideVotes(before, subject, now).map((vote) => vote.actor.id);
    const standing = await standingNow(deps, "vote", rotation.plan, [actor.id, ...voters]);
    const refusal = refuseVerb("vote", input.asker, rotation.by.id, rotation.plan.policy, standing);
    if (refusal !== undefined) {
      return { kind: "refused", refusal };
    }
    const mine = nextSubject(before, subject, actor.id, now);
    const fresh = await deps.state.addVote(
      { rotationId: rotation.id, actor, decision: "approve", digest, subject: mine },
      { actor, verb: input.verb, rotationId: rotation.id, detail: `override ${digest}` },
    );
    const { status, lines } = evaluateApproval(
      rotation.plan,
      digest,
      rotation.by.id,
      overrideVotes(await deps.state.votes(rotation.id), subject, await deps.state.now()),
      eligibilityOf(standing, rotation),
    );
    await deps.wake(rotation.id);
    const missing = lines
      .filter((line) => line.missing > 0)
      .map(({ label, missing: count }) => `${String(count)} of ${label}`);
    const sentence =
      status === "approved"
        ? "the full policy agrees"
        : `recorded${fresh ? "" : " before"}; still needed within 10 minutes: ${missing.join(", ")}`;
    return { kind: "ok", sentence, digest };
  });
}

/** Who may vote on a rotation, now and when it was requested. */
export function eligibilityOf(standing: Standing, rotation: Rotation) {
  return { now: standing.approvers, atRequest: rotation.eligible };
}

/** Refused, and audited, unless this person may do that now. */
export async function checkRight(
  deps: Omit<PressDeps, "wake">,
  verb: Verb,
  asker: Asker,
  rotation: Rotation,
): Promise<Extract<Answer, { kind: "refused" }> | undefined> {
  const standing = asker.kind === "os" ? nobody : await standingNow(deps, verb, rotation.plan, [asker.id]);
  const refusal: Refusal | undefined =
    refuseVerb(verb, asker, rotation.by.id, rotation.plan.policy, standing) ??
    (verb === "vote" ? joinedLater(asker, rotation, standing) : undefined);
  if (refusal !== undefined) {
    await deps.state.audit({
      actor: { ...asker },
      verb: `refused ${verb}`,
      rotationId: rotation.id,
      detail: refusal.code,
    });
    return { kind: "refused", refusal };
  }
  return undefined;
}

const nobody: Standing = { approvers: [], requesters: [], oncall: [], owners: [] };

/** A vote that would count for no line is refused, so that nobody believes to have approved. */
function joinedLater(asker: Asker, rotation: Rotation, standing: Standing): Refusal | undefined {
  const { approvals } = rotation.plan.policy;
  const eligibility = eligibilityOf(standing, rotation);
  return approvals.some((line, index) => mayVote(line, index, asker.id, eligibility))
    ? undefined
    : {
        code: "joined_later",
        sentence: "you were in none of the groups that may approve when this was requested",
        who: approvals.map(({ from }) => from.label),
      };
}

/** The answer of `act` on the rotation as it stands; refused when there is none, and while Slack cannot say who is who. */
export async function withRotation<T extends { readonly kind: "ok" | "refused" }>(
  deps: Pick<DeskDeps, "state">,
  rotationId: string,
  act: (rotation: Rotation) => Promise<T>,
): Promise<T | Extract<Answer, { kind: "refused" }>> {
  try {
    const rotation = foldRotation(rotationId, await deps.state.load(rotationId));
    return rotation === undefined
      ? refused("unknown_rotation", `there is no rotation ${rotationId}`)
      : await act(rotation);
  } catch (error) {
    if (error instanceof TryLater) {
      return { kind: "refused", refusal: explain(error) };
    }
    throw error;
  }
}

/** A refusal as an answer. */
export function refused(code: string, sentence: string, hint?: string): Extract<Answer, { kind: "refused" }> {
  return { kind: "refused", refusal: hint === undefined ? { code, sentence } : { code, sentence, hint } };
}

const words: Readonly<Record<PressVerb, string>> = {
  hold: "it will be held before the next step",
  resume: "it goes on",
  "roll-back": "it goes back",
  "look-again": "it looks again",
  "extend-grace": "the grace is extended",
  cancel: "it is cancelled",
  "make-way": "it makes way",
  confirm: "your confirmation is recorded",
  collected: "it is tried",
  void: "it is void",
};
