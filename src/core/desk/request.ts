import type { Preview, Refusal, Requested, RequestInput } from "../desk.ts";
import type { Directory } from "../engine-ports.ts";
import { explain, TryLater } from "../errors.ts";
import type { Event } from "../events.ts";
import { headlineOf } from "../headline.ts";
import { nearest } from "../nearest.ts";
import { openAdapters } from "../open.ts";
import type { PinnedPolicy } from "../plan.ts";
import type { Finding } from "../ports.ts";
import { refuseVerb, type Standing } from "../rights.ts";
import { foldRotation } from "../rotation.ts";
import { survey } from "../survey.ts";
import { type Target, targetName } from "../target.ts";
import { plusMs } from "../time.ts";
import { type DeskDeps, enoughToCount, policyOf, readingContext, standingNow } from "./deps.ts";
import { discover } from "./discover.ts";
import { askElse, refuseUnapprovable } from "./else-group.ts";
import { noPage } from "./hand-in.ts";
import { draftOf, makePlan } from "./make-plan.ts";

type PlanInput = Pick<RequestInput, "secret" | "environment" | "leaked">;
type PreviewInput = Pick<RequestInput, "secret" | "environment" | "leaked" | "release" | "asker" | "via">;
type Previewed =
  | {
      readonly kind: "preview";
      readonly preview: Preview;
      readonly standing: Standing;
      /** Why it could never be approved. */
      readonly unapprovable: Refusal | undefined;
    }
  | { readonly kind: "refused"; readonly refusal: Refusal };

/**
 * Plan, live preflight (reads only) and who may approve. Every problem is in the findings; refused is only a person without
 * the right, a name that does not exist, and everybody while Slack cannot say who is who.
 */
export async function previewOrRefusal(deps: DeskDeps, input: PreviewInput): Promise<Previewed> {
  try {
    return await preview(deps, input);
  } catch (error) {
    if (error instanceof TryLater) {
      return { kind: "refused", refusal: explain(error) };
    }
    throw error;
  }
}

async function preview(deps: DeskDeps, input: PreviewInput): Promise<Previewed> {
  const { targets } = deps.catalog().catalog;
  const target = targets.find(
    ({ secret, environment }) => secret === input.secret && environment === input.environment,
  );
  if (target === undefined) {
    return { kind: "refused", refusal: unknownTarget(targets, input) };
  }
  const own = policyOf(deps, target.policy);
  const askers = await standingNow(deps, "request", { policy: own }, [input.asker.id]);
  const refusal = refuseVerb("request", input.asker, undefined, own, askers);
  if (refusal !== undefined) {
    return { kind: "refused", refusal };
  }
  const approving = own.approvals.map(({ from }) => deps.directory.members(from, enoughToCount(own)));
  const members = { ...askers, approvers: await Promise.all(approving) };
  const asked = { policy: own, standing: members, requester: input.asker.id };
  const turned = input.via === undefined ? asked : await askElse(deps.directory, asked, input.via);
  if ("refusal" in turned) {
    return { kind: "refused", refusal: turned.refusal };
  }
  const { policy, standing } = turned;
  const context = readingContext(deps);
  const { found, findings } = await discover(deps.kinds, target, context);
  const draft = draftOf(deps.kinds, target, found);
  const open = openAdapters(deps.kinds, draft, context);
  try {
    const cause = input.leaked ? "leaked" : "routine";
    const asking = { ...draft, cause } as const;
    const seen = await survey(open, asking, await deps.state.now(), input.release === true ? "all" : []);
    const { plan, digest } = makePlan(target, policy, cause, draft, seen);
    const approvers = policy.approvals.map(({ from, min }, index) => ({
      label: from.label,
      min,
      users: standing.approvers[index] ?? [],
    }));
    const unapprovable =
      (await refuseShared(deps.directory, policy)) ??
      (await refuseUnapprovable(deps.directory, { ...asked, ...turned }));
    const collects = plan.steps.some(({ kind }) => kind === "collect");
    const unserved: readonly Finding[] =
      collects && deps.pageUrl === undefined ? [{ severity: "error", ...noPage }] : [];
    return {
      kind: "preview",
      preview: {
        plan,
        digest,
        findings: await makingWay(deps, input, [...unserved, ...findings, ...seen.findings]),
        approvers,
      },
      standing,
      unapprovable,
    };
  } finally {
    await open.close();
  }
}

/**
 * What a rotation that is open holds, it will have ended or given back before a leaked request of the same target begins: it makes
 * way, and step 1 looks again after that.
 */
async function makingWay(deps: DeskDeps, input: PlanInput, findings: readonly Finding[]): Promise<readonly Finding[]> {
  // One that nobody has approved yet holds nothing.
  const first = input.leaked ? (await openOf(deps, input)).find(({ status }) => status !== "pending") : undefined;
  return findings.map(({ vacancy = false, passing: _passing, ...finding }) => {
    if (!vacancy || first === undefined) {
      return finding;
    }
    const { code, sentence } = finding;
    return { severity: "warning", code, sentence: `${sentence}; rotation ${first.id} of this target makes way first` };
  });
}

/** Makes a request: nobody is woken for a plan that cannot work, or that nobody could approve. */
export async function makeRequest(deps: DeskDeps, input: RequestInput): Promise<Requested> {
  if (!(await deps.state.firstTime(`request:${input.onceKey}`))) {
    return { kind: "refused", refusal: { code: "seen_before", sentence: "this very command was handled already" } };
  }
  const previewed = await previewOrRefusal(deps, input);
  if (previewed.kind === "refused") {
    return previewed;
  }
  const { preview, standing, unapprovable } = previewed;
  const refusal = (await alreadyOpen(deps, input)) ?? unworkable(preview) ?? unapprovable;
  if (refusal !== undefined) {
    return { kind: "refused", refusal, preview };
  }
  const rotationId = deps.newId();
  await store(deps, input, rotationId, preview, standing);
  await deps.wake(rotationId);
  return { kind: "requested", rotationId, preview };
}

async function store(
  deps: DeskDeps,
  input: RequestInput,
  rotationId: string,
  preview: Preview,
  standing: Standing,
): Promise<void> {
  const now = await deps.state.now();
  const { plan, digest } = preview;
  const { channel, threadTs, postable } = input.origin;
  const origin = postable
    ? { channel, ...(threadTs === undefined ? {} : { threadTs }) }
    : { channel: plan.policy.channel.id };
  const event: Event = {
    type: "requested",
    plan,
    digest,
    by: { ...input.asker },
    because: input.because,
    origin,
    eligible: standing.approvers.map((line) => [...line]),
    findings: preview.findings.map((finding) => ({ ...finding })),
    expiresAt: plusMs(now, plan.policy.expiresMs),
  };
  const rotation = foldRotation(rotationId, [{ seq: 1, at: now, epoch: 0, event }]);
  if (rotation !== undefined) {
    const audit = [
      {
        actor: { ...input.asker },
        verb: "request",
        rotationId,
        detail: `${plan.secret} ${plan.environment}, plan ${digest}`,
      },
    ];
    await deps.state.create(rotationId, { events: [event], audit, headline: headlineOf(rotation) });
  }
}

/** A card shows what is rotated and who decides: it is never posted where another company reads. */
async function refuseShared(directory: Directory, { channel }: PinnedPolicy): Promise<Refusal | undefined> {
  return (await directory.isShared?.(channel.id)) === true
    ? {
        code: "channel_shared",
        sentence: `${channel.name}, where this would be approved, is shared with another company`,
        hint: "end the sharing, or name another channel in the policy; approvals are never posted in a shared channel",
      }
    : undefined;
}

function openOf(deps: DeskDeps, { secret, environment }: Pick<PlanInput, "secret" | "environment">) {
  return deps.state.list({ open: true, secret, environment });
}

/** A second routine request for the same target would only wait; a leaked one waits for nobody. */
async function alreadyOpen(deps: DeskDeps, input: RequestInput): Promise<Refusal | undefined> {
  const [first] = await openOf(deps, input);
  return first === undefined || input.leaked
    ? undefined
    : {
        code: "already_open",
        sentence: `rotation ${first.id} of this target is open: ${first.line}`,
        hint: "finish it under its gates, roll it back, or cancel it; a leaked secret may be requested at any time",
      };
}

function unworkable(preview: Preview): Refusal | undefined {
  const problem = preview.findings.find(({ severity }) => severity === "error");
  if (problem === undefined) {
    return undefined;
  }
  return {
    code: problem.code,
    sentence: problem.sentence,
    hint: problem.command ?? problem.hint ?? "the preview lists everything that was found",
  };
}

function unknownTarget(targets: readonly Target[], input: PreviewInput): Refusal {
  const wanted = targetName(input);
  const names = targets.map(targetName);
  const close = nearest(wanted, names);
  return {
    code: "unknown_target",
    sentence: `there is no target "${wanted}"`,
    hint: "`/rotate list` shows all of them",
    nearest: close === undefined ? names.filter((name) => name.startsWith(`${input.secret} `)).slice(0, 3) : [close],
  };
}
