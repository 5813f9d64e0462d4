import type { Catalog } from "../catalog.ts";
import type { EngineDeps, Wanted } from "../engine-ports.ts";
import { GiveUp, KeyturnError } from "../errors.ts";
import type { PinnedGroup, PinnedPolicy } from "../plan.ts";
import type { Context } from "../ports.ts";
import { decidingParts, type Standing, type Verb } from "../rights.ts";

/** The catalog with every handle resolved to an id. A reload replaces it as a whole. */
export type Resolved = {
  readonly catalog: Catalog;
  readonly policies: Readonly<Record<string, PinnedPolicy>>;
  /** Owners that are groups, by label: being named as one person gives no right. */
  readonly owners?: Readonly<Record<string, PinnedGroup>>;
};

export type DeskDeps = EngineDeps & {
  readonly catalog: () => Resolved;
  /** A new rotation id: short, unguessable, without a colon. */
  readonly newId: () => string;
  /** Puts a job for this rotation into the queue; durable when it resolves. */
  readonly wake: (rotationId: string) => Promise<void>;
  /** Where people reach the page on which values are handed in, without a slash at its end. Undefined: there is none. */
  readonly pageUrl?: string;
};

/** A session for looking only: whoever tries to send a command that changes something is stopped before it leaves. */
export function readingContext(deps: DeskDeps): Context {
  const id = `preview-${deps.newId()}`;
  const guard = (): never => {
    throw new GiveUp("read_only", "a preview tried to change something", { hint: "report this: preflight only reads" });
  };
  return {
    session: { rotationId: id, epoch: 0, name: `keyturn:${id}:0`, guard },
    signal: AbortSignal.timeout(45_000),
    resolve: deps.resolve,
  };
}

/**
 * Where these people stand now, as far as it decides about the verb: Slack allows few questions a minute. `owner`: of the
 * target. Throws TryLater when Slack cannot say: then nobody may anything.
 */
export async function standingNow(
  deps: Pick<DeskDeps, "directory"> & Partial<Pick<DeskDeps, "catalog">>,
  verb: Verb,
  { policy, owner }: { readonly policy: PinnedPolicy; readonly owner?: string },
  people: readonly string[],
): Promise<Standing> {
  const owners = owner === undefined ? undefined : deps.catalog?.().owners?.[owner];
  const groups: Readonly<Record<keyof Standing, readonly PinnedGroup[]>> = {
    approvers: policy.approvals.map(({ from }) => from),
    requesters: policy.requesters,
    oncall: policy.oncall === undefined ? [] : [policy.oncall],
    owners: owners === undefined ? [] : [owners],
  };
  const parts = decidingParts[verb];
  const members = (part: keyof Standing) =>
    Promise.all((parts.includes(part) ? groups[part] : []).map((group) => deps.directory.members(group, { people })));
  const [approvers, requesters, oncall, owning] = await Promise.all([
    members("approvers"),
    members("requesters"),
    members("oncall"),
    members("owners"),
  ]);
  return { approvers, requesters: requesters.flat(), oncall: oncall.flat(), owners: owning.flat() };
}

/** How many of a group have to be looked at to know whether the lines can be met: all seats, and the requester who has none. */
export function enoughToCount({ approvals }: PinnedPolicy): Wanted {
  return { atLeast: approvals.reduce((seats, { min }) => seats + min, 1) };
}

export function policyOf(deps: DeskDeps, name: string): PinnedPolicy {
  const policy = deps.catalog().policies[name];
  if (policy === undefined) {
    throw new KeyturnError("no_policy", `there is no policy "${name}"`);
  }
  return policy;
}
