import type { ApprovalLine, Plan } from "./plan.ts";
import type { Vote } from "./state.ts";

/** Why a vote does not count. */
export type Dismissal = {
  readonly voter: string;
  readonly reason: "older_plan" | "own_request" | "not_eligible" | "not_needed";
};

/** One line of the policy, with who stands for it. */
export type LineResult = {
  readonly label: string;
  readonly min: number;
  readonly voters: readonly string[];
  readonly missing: number;
};

/** The tree that answers "why is this not approved?"; cards, audit and tests read the same one. */
export type ApprovalResult = {
  readonly status: "pending" | "approved" | "rejected";
  readonly lines: readonly LineResult[];
  readonly dismissed: readonly Dismissal[];
  readonly rejectedBy?: string;
};

/** Who is a member of which line now, by Slack user id. `fresh` lines ignore whether they were when the request was made. */
export type Eligibility = {
  readonly now: readonly (readonly string[])[];
  readonly atRequest: readonly (readonly string[])[];
};

/**
 * Evaluates votes against the policy of a plan. Pure.
 *
 * A vote counts for one line; the lines need different people; the requester counts for none. A vote for another digest
 * is dismissed. One eligible rejection rejects.
 */
export function evaluateApproval(
  plan: Pick<Plan, "policy">,
  digest: string,
  requester: string,
  votes: readonly Vote[],
  eligibility: Eligibility,
): ApprovalResult {
  const lines = plan.policy.approvals;
  const dismissed: Dismissal[] = [];
  const standing: { voter: string; lines: readonly number[] }[] = [];
  let rejectedBy: string | undefined;
  for (const vote of votes) {
    const voter = vote.actor.id;
    const fits = lines.flatMap((line, index) => (mayVote(line, index, voter, eligibility) ? [index] : []));
    if (vote.digest !== digest) {
      dismissed.push({ voter, reason: "older_plan" });
    } else if (voter === requester) {
      dismissed.push({ voter, reason: "own_request" });
    } else if (fits.length === 0) {
      dismissed.push({ voter, reason: "not_eligible" });
    } else if (vote.decision === "reject") {
      rejectedBy ??= voter;
    } else if (!standing.some((other) => other.voter === voter)) {
      standing.push({ voter, lines: fits });
    }
  }
  const seats = seat(lines, standing);
  const results = lines.map((line, index) => {
    const voters = seats[index] ?? [];
    return { label: line.from.label, min: line.min, voters, missing: Math.max(0, line.min - voters.length) };
  });
  const seated = new Set(seats.flat());
  for (const { voter } of standing) {
    if (!seated.has(voter)) {
      dismissed.push({ voter, reason: "not_needed" });
    }
  }
  const complete = results.every(({ missing }) => missing === 0);
  const base = { lines: results, dismissed };
  if (rejectedBy !== undefined) {
    return { status: "rejected", rejectedBy, ...base };
  }
  return { status: complete ? "approved" : "pending", ...base };
}

/** Whether the lines could still be met by these people, the requester left out. Names the first line that cannot. */
export function approvable(
  lines: readonly ApprovalLine[],
  requester: string,
  members: readonly (readonly string[])[],
): { readonly ok: true } | { readonly ok: false; readonly line: ApprovalLine } {
  const everybody = [...new Set(members.flat())].filter((id) => id !== requester);
  const standing = everybody.map((voter) => ({
    voter,
    lines: lines.flatMap((_line, index) => (members[index]?.includes(voter) === true ? [index] : [])),
  }));
  const seats = seat(lines, standing);
  const short = lines.find((line, index) => (seats[index]?.length ?? 0) < line.min);
  return short === undefined ? { ok: true } : { ok: false, line: short };
}

/** Whether somebody's vote counts for this line: in the group now, and when the request was made unless the line is fresh. Pure. */
export function mayVote(line: ApprovalLine, index: number, voter: string, eligibility: Eligibility): boolean {
  const isNow = eligibility.now[index]?.includes(voter) === true;
  const wasThen = eligibility.atRequest[index]?.includes(voter) === true;
  return isNow && (wasThen || line.fresh);
}

/** Gives each person at most one seat, so that as many seats as possible are taken (augmenting paths; a handful of people). */
function seat(
  lines: readonly ApprovalLine[],
  standing: readonly { readonly voter: string; readonly lines: readonly number[] }[],
): string[][] {
  const seats: string[][] = lines.map(() => []);
  function place(person: { readonly voter: string; readonly lines: readonly number[] }, tried: Set<number>): boolean {
    for (const index of person.lines) {
      if (tried.has(index)) {
        continue;
      }
      tried.add(index);
      const taken = seats[index] ?? [];
      const free = taken.length < (lines[index]?.min ?? 0);
      const moved = free
        ? undefined
        : taken.find((voter) => place(standing.find((other) => other.voter === voter) ?? { voter, lines: [] }, tried));
      if (free || moved !== undefined) {
        seats[index] = [...(seats[index] ?? []).filter((voter) => voter !== moved), person.voter];
        return true;
      }
    }
    return false;
  }
  for (const person of standing) {
    place(person, new Set());
  }
  return seats;
}
