import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { approvable, type Eligibility, evaluateApproval } from "../../src/core/approval.ts";
import type { ApprovalLine } from "../../src/core/plan.ts";
import { policy, voteOf } from "./samples.ts";

const line = (label: string, min = 1, fresh = false): ApprovalLine => ({ from: { label }, min, fresh });
const both = (members: readonly (readonly string[])[]): Eligibility => ({ now: members, atRequest: members });
const evaluate = (votes: Parameters<typeof evaluateApproval>[3], eligibility: Eligibility, lines = policy.approvals) =>
  evaluateApproval({ policy: { ...policy, approvals: lines } }, "digest-one", "U-olivia", votes, eligibility);

describe("evaluateApproval", () => {
  it("is met by one person of each line, whichever votes first", () => {
    const eligible = both([["U-ada"], ["U-lin"]]);
    expect(evaluate([voteOf("U-ada"), voteOf("U-lin")], eligible).status).toBe("approved");
    expect(evaluate([voteOf("U-lin"), voteOf("U-ada")], eligible).status).toBe("approved");
    expect(evaluate([voteOf("U-ada")], eligible)).toMatchObject({
      status: "pending",
      lines: [{ missing: 0 }, { missing: 1 }],
    });
  });

  it("one person in both groups is one of two, even with two votes", () => {
    const eligible = both([["U-ada"], ["U-ada", "U-lin"]]);
    const result = evaluate([voteOf("U-ada"), voteOf("U-ada")], eligible);
    expect(result.status).toBe("pending");
    expect(result.lines.reduce((sum, { missing }) => sum + missing, 0)).toBe(1);
    expect(evaluate([voteOf("U-ada"), voteOf("U-lin")], eligible).status).toBe("approved");
  });

  it("moves a person who fits both lines to the one that another cannot take", () => {
    const eligible = both([["U-ada", "U-lin"], ["U-ada"]]);
    expect(evaluate([voteOf("U-ada"), voteOf("U-lin")], eligible)).toMatchObject({
      status: "approved",
      lines: [{ voters: ["U-lin"] }, { voters: ["U-ada"] }],
    });
  });

  it("never counts the requester, whatever groups hold them", () => {
    const eligible = both([["U-olivia"], ["U-olivia", "U-lin"]]);
    expect(evaluate([voteOf("U-olivia"), voteOf("U-lin")], eligible)).toMatchObject({
      status: "pending",
      dismissed: [{ voter: "U-olivia", reason: "own_request" }],
    });
  });

  it("dismisses a vote for an older digest, and a rejection of it too", () => {
    const eligible = both([["U-ada"], ["U-lin"]]);
    const older = { digest: "digest-zero" };
    const votes = [voteOf("U-ada", older), voteOf("U-lin", { ...older, decision: "reject" })];
    expect(evaluate(votes, eligible)).toMatchObject({
      status: "pending",
      dismissed: [
        { voter: "U-ada", reason: "older_plan" },
        { voter: "U-lin", reason: "older_plan" },
      ],
    });
  });

  it("wants membership at the request and now; a fresh line only now", () => {
    const joined: Eligibility = { now: [["U-ada"], ["U-new"]], atRequest: [["U-ada"], ["U-lin"]] };
    const votes = [voteOf("U-ada"), voteOf("U-new")];
    expect(evaluate(votes, joined).status).toBe("pending");
    expect(evaluate(votes, joined, [line("@security"), line("@oncall", 1, true)]).status).toBe("approved");
    const left: Eligibility = { now: [["U-ada"], []], atRequest: [["U-ada"], ["U-lin"]] };
    expect(evaluate([voteOf("U-ada"), voteOf("U-lin")], left).status).toBe("pending");
  });

  it("is rejected by one eligible person, and by nobody else", () => {
    const eligible = both([["U-ada"], ["U-lin"]]);
    const reject = (voter: string) => voteOf(voter, { decision: "reject" });
    expect(evaluate([reject("U-stranger")], eligible).status).toBe("pending");
    expect(evaluate([voteOf("U-ada"), reject("U-lin")], eligible)).toMatchObject({
      status: "rejected",
      rejectedBy: "U-lin",
    });
  });
});

const names = ["U-1", "U-2", "U-3", "U-4", "U-5", "U-6"];
const lines = fc.array(fc.record({ min: fc.integer({ min: 1, max: 3 }), members: fc.subarray(names) }), {
  minLength: 1,
  maxLength: 3,
});

describe("the matching of people to lines is optimal", () => {
  it("agrees with trying every assignment", () => {
    fc.assert(
      fc.property(lines, fc.shuffledSubarray(names), (wanted, voters) => {
        const rules = wanted.map(({ min }, index) => line(`@${String(index)}`, min));
        const members = wanted.map((each) => each.members);
        const votes = voters.map((voter) => voteOf(voter));
        const { status } = evaluate(votes, both(members), rules);
        expect(status === "approved").toBe(canBeMet(wanted, voters));
      }),
      { numRuns: 2_000 },
    );
  });

  it("says before anybody is asked whether it could be met without the requester", () => {
    fc.assert(
      fc.property(lines, (wanted) => {
        const rules = wanted.map(({ min }, index) => line(`@${String(index)}`, min));
        const result = approvable(
          rules,
          "U-1",
          wanted.map((each) => each.members),
        );
        expect(result.ok).toBe(
          canBeMet(
            wanted,
            names.filter((name) => name !== "U-1"),
          ),
        );
      }),
      { numRuns: 1_000 },
    );
  });
});

/** Tries every way to seat the people. */
function canBeMet(wanted: readonly { min: number; members: readonly string[] }[], voters: readonly string[]): boolean {
  if (wanted.every(({ min }) => min <= 0)) return true;
  const [voter, ...others] = voters;
  if (voter === undefined) return false;
  const seated = wanted.flatMap((each, index) =>
    each.min > 0 && each.members.includes(voter)
      ? [wanted.map((other, at) => (at === index ? { ...other, min: other.min - 1 } : other))]
      : [],
  );
  return [wanted, ...seated].some((next) => canBeMet(next, others));
}
