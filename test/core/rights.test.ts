import { describe, expect, it } from "vitest";
import { pressVerbs } from "../../src/core/presses.ts";
import { decidingParts, refuseVerb, type Standing, type Verb } from "../../src/core/rights.ts";
import { policy } from "./samples.ts";

const standing: Standing = {
  requesters: ["U-olivia", "U-lin", "U-ada"],
  approvers: [["U-ada"], ["U-lin"]],
  oncall: ["U-lin", "U-only-oncall"],
  owners: ["U-owner"],
};
const who = {
  requester: { kind: "slack", id: "U-olivia" },
  approver: { kind: "slack", id: "U-ada" },
  oncall: { kind: "slack", id: "U-only-oncall" },
  owner: { kind: "slack", id: "U-owner" },
  stranger: { kind: "slack", id: "U-stranger" },
  terminal: { kind: "os", id: "U-ada" },
} as const;

/** Who may do what. Everybody who is not named is refused. */
const allowed: Readonly<Record<Verb, readonly (keyof typeof who)[]>> = {
  request: ["requester", "approver"],
  vote: ["approver"],
  cancel: ["requester", "approver"],
  hold: ["approver", "oncall", "terminal"],
  "roll-back": ["approver", "oncall", "terminal"],
  resume: ["approver"],
  "extend-grace": ["approver"],
  "look-again": ["approver"],
  "hand-in": ["requester", "approver"],
  confirm: ["approver", "owner"],
  collected: [],
  "make-way": [],
  void: [],
};

const verbs = ["request", "vote", "hand-in", ...pressVerbs] as const;

describe("refuseVerb", () => {
  it.each(Object.entries(allowed))("%s: %j and nobody else", (name, people) => {
    const verb = verbs.find((each) => each === name);
    if (verb === undefined) throw new Error(name);
    const may = Object.entries(who)
      .filter(([, asker]) => refuseVerb(verb, asker, "U-olivia", policy, standing) === undefined)
      .map(([label]) => label);
    expect(may).toEqual(people);
  });

  it("needs no more of a standing than the parts that decide", () => {
    for (const verb of verbs) {
      const kept = decidingParts[verb];
      const less: Standing = {
        requesters: kept.includes("requesters") ? standing.requesters : [],
        approvers: kept.includes("approvers") ? standing.approvers : [],
        oncall: kept.includes("oncall") ? standing.oncall : [],
        owners: kept.includes("owners") ? standing.owners : [],
      };
      for (const asker of Object.values(who)) {
        expect(refuseVerb(verb, asker, "U-olivia", policy, less)).toEqual(
          refuseVerb(verb, asker, "U-olivia", policy, standing),
        );
      }
    }
  });

  it("every verb is in the table", () => {
    expect(Object.keys(allowed).toSorted()).toEqual(verbs.toSorted());
  });

  it("a refusal says why and who can", () => {
    expect(refuseVerb("hold", who.stranger, "U-olivia", policy, standing)).toEqual({
      code: "may_not_act",
      sentence: "only an approver or on-call may do that",
      who: ["@security", "@oncall"],
    });
  });

  it("an approver who asked may not vote, and one who did not may", () => {
    expect(refuseVerb("vote", who.approver, "U-ada", policy, standing)).toMatchObject({ code: "own_request" });
    expect(refuseVerb("vote", who.approver, "U-olivia", policy, standing)).toBeUndefined();
  });

  it("where nobody could be looked up, nobody may anything but the terminal's hold and roll back", () => {
    const nobody: Standing = { requesters: [], approvers: [[], []], oncall: [], owners: [] };
    for (const verb of verbs) {
      expect(refuseVerb(verb, who.approver, "U-olivia", policy, nobody), verb).toBeDefined();
    }
  });
});
