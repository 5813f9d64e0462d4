import type { Catalog } from "../catalog.ts";
import type { EngineDeps } from "../engine-ports.ts";
import { GiveUp, KeyturnError } from "../errors.ts";
import type { PinnedGroup, PinnedPolicy } from "../plan.ts";
import type { Context } from "../ports.ts";
import type { Standing } from "../rights.ts";

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

/** Who stands where now. Throws TryLater when Slack cannot say: then nobody may anything. */
export async function standingNow(
  deps: Pick<DeskDeps, "directory"> & Partial<Pick<DeskDeps, "catalog">>,
  policy: PinnedPolicy,
  owner?: string,
): Promise<Standing> {
  const approvers: (readonly string[])[] = [];
  for (const { from } of policy.approvals) {
    approvers.push(await deps.directory.members(from));
  }
  const requesters: string[] = [];
  for (const group of policy.requesters) {
    requesters.push(...(await deps.directory.members(group)));
  }
  const owners = owner === undefined ? undefined : deps.catalog?.().owners?.[owner];
  return {
    approvers,
    requesters,
    owners: owners === undefined ? [] : await deps.directory.members(owners),
    oncall: policy.oncall === undefined ? [] : await deps.directory.members(policy.oncall),
  };
}

export function policyOf(deps: DeskDeps, name: string): PinnedPolicy {
  const policy = deps.catalog().policies[name];
  if (policy === undefined) {
    throw new KeyturnError("no_policy", `there is no policy "${name}"`);
  }
  return policy;
}
