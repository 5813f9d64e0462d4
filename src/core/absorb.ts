import { type Eligibility, evaluateApproval } from "./approval.ts";
import type { Advanced, EngineDeps } from "./engine-ports.ts";
import { type Explanation, explain, TryLater } from "./errors.ts";
import type { Event } from "./events.ts";
import { leftoversOf } from "./live.ts";
import {
  type OverrideVerb,
  overrideDigest,
  overrideSubject,
  overrideVerbs,
  overrideVotes,
  refuseOverride,
} from "./overrides.ts";
import type { PinnedPolicy } from "./plan.ts";
import { answerPress, stalePlan } from "./presses.ts";
import { actorOf } from "./rotation.ts";
import type { Run } from "./run.ts";
import type { Actor, Vote } from "./state.ts";

/**
 * Turns what people did since the last look into events: presses first, then votes. Only the lease holder does this, so a
 * press never makes a healthy worker look stale. Returns what to wait for when Slack cannot say who may vote.
 */
export async function absorb(deps: EngineDeps, run: Run): Promise<Advanced | undefined> {
  for (const command of await deps.state.commands(run.rotation().id)) {
    const events = answerPress(run.rotation(), command, await run.now());
    await append(run, events, [command.id]);
  }
  const { phase } = run.rotation();
  if (phase === "ended") {
    return undefined;
  }
  const votes = await deps.state.votes(run.rotation().id);
  try {
    return phase === "pending" ? await absorbVotes(deps, run, votes) : await absorbOverrides(deps, run, votes);
  } catch (error) {
    if (error instanceof TryLater) {
      deps.log.warn({ rotationId: run.rotation().id, code: error.code }, "could not look up who may vote");
      return phase === "pending" && (await run.now()) < run.rotation().expiresAt
        ? { kind: "again", afterMs: error.afterMs ?? 5_000 }
        : undefined;
    }
    throw error;
  }
}

async function absorbVotes(deps: EngineDeps, run: Run, votes: readonly Vote[]): Promise<undefined> {
  const { digest, expiresAt } = run.rotation();
  const mine = votes.filter(({ subject, at }) => subject === "plan" && at < expiresAt);
  if (mine.length === 0) {
    return undefined;
  }
  const result = await evaluate(deps, run, digest, mine);
  if (result.status === "approved") {
    const cast = result.lines.flatMap(({ label, voters }) =>
      voters.map((by) => ({ by, line: label, at: mine.find((vote) => vote.actor.id === by)?.at ?? expiresAt })),
    );
    await append(run, [{ type: "approved", votes: cast }], []);
  } else if (result.status === "rejected") {
    const vote = mine.find(({ actor }) => actor.id === result.rejectedBy);
    const by = vote?.actor ?? { kind: "engine", id: "keyturn" };
    await append(
      run,
      [
        { type: "rejected", by: { ...by }, because: vote?.because ?? "" },
        { type: "ended", status: "cancelled", sentence: "rejected; nothing was changed", leftovers: [] },
      ],
      [],
    );
  }
  return undefined;
}

async function absorbOverrides(deps: EngineDeps, run: Run, votes: readonly Vote[]): Promise<undefined> {
  const now = await run.now();
  for (const verb of overrideVerbs) {
    const digest = overrideDigest(run.rotation(), verb);
    const mine = overrideVotes(votes, overrideSubject(verb, digest), now);
    const possible = mine.length > 0 && refuseOverride(run.rotation(), verb) === undefined;
    if (possible && (await evaluate(deps, run, digest, mine)).status === "approved") {
      if (verb === "abandon") {
        await fenceBeforeTheEnd(deps, run);
      }
      await append(run, overrideEvents(run, verb, digest, mine, now), []);
      return undefined;
    }
  }
  return undefined;
}

/** An abandoned rotation must not be followed by a late command of an older holder; an issuer that is away cannot stop people. */
async function fenceBeforeTheEnd(deps: EngineDeps, run: Run): Promise<void> {
  try {
    await run.open.fence();
  } catch (error) {
    deps.log.warn(
      { rotationId: run.rotation().id, code: explain(error).code },
      "abandoned without knowing that no older call can still take effect",
    );
  }
}

function overrideEvents(
  run: Run,
  verb: OverrideVerb,
  digest: string,
  votes: readonly Vote[],
  now: string,
): readonly Event[] {
  const by = votes.map(({ actor }) => actor.id);
  const engine = { kind: "engine", id: "keyturn" } as const;
  switch (verb) {
    case "retire-now": {
      const skip: Event = { type: "overridden", by, verb, gates: ["grace", "window", "notice"], digest };
      const reason = { code: "retire_now", sentence: "the full policy asked to retire now" };
      return run.rotation().graceUntil === undefined
        ? [skip]
        : [skip, { type: "grace_changed", by: engine, until: now, reason }];
    }
    case "abandon":
      return [
        { type: "overridden", by, verb, gates: [], digest },
        {
          type: "ended",
          status: "closed",
          sentence: "abandoned by the full policy; what was left alive is listed",
          leftovers: [...leftoversOf(run.rotation(), "closed")],
        },
      ];
    case "roll-back":
      return [
        { type: "overridden", by, verb, gates: [], digest },
        { type: "turned_back", by: engine, reason: { code: "asked", sentence: "the full policy asked to roll back" } },
      ];
  }
}

/**
 * Once more between the last vote and step 1: the catalog still makes this plan, and every vote is still that of somebody
 * who may. Undefined: it stands. While Slack cannot say, it is tried again until the approval expires.
 */
export async function approvalStillStands(deps: EngineDeps, run: Run): Promise<Advanced | undefined> {
  const { id, digest, expiresAt, steps, plan } = run.rotation();
  const waited = steps[plan.steps[0]?.id ?? ""]?.notes["lock"] !== undefined;
  if (waited && (await run.now()) >= expiresAt) {
    return expire(run, "the approval expired while another rotation was in the way; nothing was changed");
  }
  try {
    if (!deps.catalogStill(plan)) {
      return await cancel(run, stalePlan);
    }
    const votes = (await deps.state.votes(id)).filter(({ subject }) => subject === "plan");
    const result = await evaluate(deps, run, digest, votes);
    if (result.status === "approved") {
      return undefined;
    }
    return await cancel(run, {
      code: "approval_gone",
      sentence: "an approver may not approve any more; nothing was changed",
      hint: "request it again",
    });
  } catch (error) {
    if (error instanceof TryLater) {
      return (await run.now()) < expiresAt
        ? { kind: "again", afterMs: error.afterMs ?? 5_000 }
        : expire(run, "the approval expired while nobody could say who may approve; nothing was changed");
    }
    throw error;
  }
}

async function cancel(run: Run, reason: Explanation): Promise<Advanced> {
  await append(
    run,
    [
      { type: "cancelled", by: { kind: "engine", id: "keyturn" }, reason: { ...reason } },
      { type: "ended", status: "cancelled", sentence: reason.sentence, leftovers: [] },
    ],
    [],
  );
  return { kind: "done" };
}

async function expire(run: Run, sentence: string): Promise<Advanced> {
  await append(run, [{ type: "expired" }, { type: "ended", status: "cancelled", sentence, leftovers: [] }], []);
  return { kind: "done" };
}

async function evaluate(deps: EngineDeps, run: Run, digest: string, votes: readonly Vote[]) {
  const { plan, by, eligible } = run.rotation();
  const voters = votes.map(({ actor }) => actor.id);
  const eligibility: Eligibility = { now: await eligibleNow(deps, plan.policy, voters), atRequest: eligible };
  return evaluateApproval(plan, digest, by.id, votes, eligibility);
}

/** Which of these people are in each line now. */
async function eligibleNow(
  deps: Pick<EngineDeps, "directory">,
  policy: PinnedPolicy,
  people: readonly string[],
): Promise<readonly (readonly string[])[]> {
  const lines: (readonly string[])[] = [];
  for (const { from } of policy.approvals) {
    lines.push(await deps.directory.members(from, { people }));
  }
  return lines;
}

async function append(run: Run, events: readonly Event[], consumed: readonly string[]): Promise<void> {
  const ends = events.some(({ type }) => type === "ended");
  const audit = events.map((event) => ({
    actor: whoDid(event),
    verb: event.type,
    rotationId: run.rotation().id,
    detail: "",
  }));
  await run.append(events, { consumed, audit, ...(ends ? { destroySeals: true, unlock: "all" as const } : {}) });
}

function whoDid(event: Event): Actor {
  return "by" in event && !Array.isArray(event.by) ? actorOf(event.by) : { kind: "engine", id: "keyturn" };
}
