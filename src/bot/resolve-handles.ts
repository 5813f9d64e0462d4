import type { WebClient } from "@slack/web-api";
import type { Catalog } from "../core/catalog.ts";
import type { Resolved } from "../core/desk/deps.ts";
import { nearest } from "../core/nearest.ts";
import type { PinnedGroup, PinnedPolicy } from "../core/plan.ts";
import type { Policy } from "../core/policy.ts";
import type { Mention } from "../views/parts.ts";
import { isFullMember } from "./directory.ts";
import { listChannels, listGroups, listPeople, type SlackChannel } from "./slack-lists.ts";

/** A name of the catalog that Slack does not know, or that may not be used. */
export type HandleProblem = { readonly name: string; readonly sentence: string; readonly hint: string };
export type Handles = {
  readonly resolved: Resolved;
  readonly mention: (label: string) => Mention | undefined;
  readonly problems: readonly HandleProblem[];
  /** What each name of the catalog that gives a right means now; see `moved-handles.ts`. */
  readonly ids: Readonly<Record<string, string>>;
};

/**
 * Turns every group, channel and person of the catalog into an id, once, when it is loaded; from then on only ids decide.
 * All problems at once; with any, the result must not be used. Throws TryLater when Slack does not answer.
 */
export async function resolveHandles(client: WebClient, catalog: Catalog, team: string): Promise<Handles> {
  const known = {
    groups: await listGroups(client),
    channels: await listChannels(client),
    people: await listPeople(client),
  };
  const problems: HandleProblem[] = [...(await reviewedLists(client, catalog, team))];
  const ids: Record<string, string> = {};
  const group = (name: string): PinnedGroup => {
    const pinned = groupOf(catalog, known, name);
    if ("sentence" in pinned) {
      problems.push(pinned);
      return { label: name };
    }
    if (pinned.groupId !== undefined) {
      ids[name] = pinned.groupId;
    }
    return pinned;
  };
  const policies = Object.fromEntries(
    Object.entries(catalog.policies).map(([name, policy]) => {
      const channel = channelOf(known.channels, policy.channel, problems);
      ids[policy.channel] = channel.id;
      return [name, pin(policy, group, channel)];
    }),
  );
  const mentions = new Map<string, Mention>();
  const owners: Record<string, PinnedGroup> = {};
  for (const { owner } of catalog.targets) {
    const mention = mentionOf(catalog, known, owner);
    if (mention === undefined && catalog.groups[owner] === undefined) {
      problems.push(
        unknownName(owner, [...known.groups.map(({ handle }) => `@${handle}`), ...Object.keys(catalog.groups)]),
      );
    } else if (mention !== undefined) {
      mentions.set(owner, mention);
    }
    // A group that owns a target may confirm what its people did; a handle of one person gives no right.
    const owning = groupOf(catalog, known, owner);
    if (!("sentence" in owning)) {
      owners[owner] = owning;
      if (owning.groupId !== undefined) ids[owner] = owning.groupId;
    }
  }
  const once = problems.filter(
    ({ name, sentence }, index) =>
      problems.findIndex((other) => other.name === name && other.sentence === sentence) === index,
  );
  return { resolved: { catalog, policies, owners }, mention: (label) => mentions.get(label), problems: once, ids };
}

type Known = {
  readonly groups: readonly { readonly id: string; readonly handle: string }[];
  readonly people: readonly { readonly id: string; readonly name: string; readonly deleted?: boolean | undefined }[];
};

function pin(policy: Policy, group: (name: string) => PinnedGroup, channel: PinnedPolicy["channel"]): PinnedPolicy {
  const { name, production, onFailure, expiresMs, remindMs, holdMs } = policy;
  const approvals = policy.approvals.map(({ from, min, fresh, else: other }) => ({
    from: group(from),
    min,
    fresh: fresh === "allow",
    ...(other === undefined ? {} : { else: group(other) }),
  }));
  const oncall = policy.oncall === undefined ? undefined : group(policy.oncall);
  const byDefault = [...approvals.map(({ from }) => from), ...(oncall === undefined ? [] : [oncall])];
  return {
    name,
    channel,
    requesters: policy.requesters.length === 0 ? byDefault : policy.requesters.map(group),
    approvals,
    ...(oncall === undefined ? {} : { oncall }),
    production,
    onFailure,
    expiresMs,
    remindMs,
    holdMs,
    ...(policy.retire === undefined ? {} : { retire: policy.retire }),
  };
}

/** Rights come from groups only: a handle of a person can be taken over by the next one who chooses it. */
function groupOf(catalog: Catalog, { groups, people }: Known, name: string): PinnedGroup | HandleProblem {
  const users = catalog.groups[name];
  if (users !== undefined) {
    return { label: name, users: [...users] };
  }
  const found = groups.find(({ id, handle }) => id === name || `@${handle}` === name);
  if (found !== undefined) {
    return { label: `@${found.handle}`, groupId: found.id };
  }
  const isPerson = people.some(({ id, name: handle }) => id === name || `@${handle}` === name);
  if (isPerson) {
    return {
      name,
      sentence: `${name} is a person, not a group`,
      hint: "list user ids under `groups:` and name that list",
    };
  }
  return unknownName(name, [...groups.map(({ handle }) => `@${handle}`), ...Object.keys(catalog.groups)]);
}

function unknownName(name: string, names: readonly string[]): HandleProblem {
  const close = nearest(name, names);
  return {
    name,
    sentence: `slack has no group ${name}`,
    hint: close === undefined ? "create the user group, or list user ids under `groups:`" : `did you mean ${close}?`,
  };
}

/** An owner may also be one person: being mentioned is no right. */
function mentionOf(catalog: Catalog, { groups, people }: Known, label: string): Mention | undefined {
  const group = groups.find(({ id, handle }) => id === label || `@${handle}` === label);
  if (group !== undefined) {
    return { kind: "group", id: group.id };
  }
  const person = people.find(({ id, name, deleted }) => deleted !== true && (id === label || `@${name}` === label));
  const only = catalog.groups[label];
  const id = person?.id ?? (only?.length === 1 ? only[0] : undefined);
  return id === undefined ? undefined : { kind: "user", id };
}

function channelOf(
  channels: readonly SlackChannel[],
  name: string,
  problems: HandleProblem[],
): PinnedPolicy["channel"] {
  const found = channels.find((channel) => channel.id === name || `#${channel.name ?? ""}` === name);
  if (found === undefined) {
    const close = nearest(
      name,
      channels.map((channel) => `#${channel.name ?? ""}`),
    );
    problems.push({
      name,
      sentence: `slack shows no channel ${name}`,
      hint:
        close === undefined
          ? "invite the app to it with /invite @keyturn"
          : `did you mean ${close}? a private channel is seen only after /invite @keyturn`,
    });
    return { id: name, name };
  }
  if (found.is_member !== true) {
    problems.push({ name, sentence: `the app is not in ${name}`, hint: "type /invite @keyturn there" });
  }
  if (found.is_ext_shared === true || found.is_pending_ext_shared === true || found.is_shared === true) {
    problems.push({
      name,
      sentence: `${name} is shared with another company`,
      hint: "approvals are never posted in a shared channel; name another one",
    });
  }
  return { id: found.id, name: `#${found.name ?? found.id}` };
}

/** Every id of a reviewed list is a full member of this workspace. */
async function reviewedLists(client: WebClient, catalog: Catalog, team: string): Promise<readonly HandleProblem[]> {
  const problems: HandleProblem[] = [];
  for (const [name, users] of Object.entries(catalog.groups)) {
    for (const user of users) {
      if (!(await isFullMember(client, user, team))) {
        problems.push({
          name,
          sentence: `${user} in ${name} is no full member of this workspace`,
          hint: "a user id stands in the person's profile, under Copy member ID",
        });
      }
    }
  }
  return problems;
}
