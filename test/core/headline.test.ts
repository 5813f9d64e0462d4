import { describe, expect, it } from "vitest";
import { leftByRefusal, unchangedBy } from "../../src/core/cut.ts";
import type { Event } from "../../src/core/events.ts";
import { headlineOf } from "../../src/core/headline.ts";
import { leftoversOf, liveNow, wentBack } from "../../src/core/live.ts";
import type { Plan } from "../../src/core/plan.ts";
import { rowOf, say, tale, until } from "./live-tale.ts";
import { approved, at, begun, done, planOf, rotationOf } from "./samples.ts";

const by = { kind: "slack", id: "U-ada" } as const;
const reason = { code: "x", sentence: "the reason" };
const back: Event = { type: "turned_back", by, reason };
const issued: Event = { type: "issued", ref: { principal: "app_b", generation: "two" }, public: {} };
const walked = (last: string): Event[] => {
  const { steps } = planOf();
  const upTo = steps.slice(0, steps.findIndex(({ id }) => id === last) + 1);
  return [approved, ...upTo.flatMap(({ id }) => [...done(id), ...(id === "issue" ? [issued] : [])])];
};

describe("headlineOf", () => {
  it.each<[string, readonly Event[], string, string]>([
    ["a request", [], "pending", "waiting for approval"],
    ["the step under way", [...walked("issue"), ...begun("test")], "running", planOf().steps[2]?.title ?? ""],
    ["the next step", walked("issue"), "running", planOf().steps[2]?.title ?? ""],
    [
      "a hold",
      [...walked("issue"), { type: "held", by, until: at(99), because: "" }],
      "held",
      `${planOf().steps[2]?.title ?? ""} (held)`,
    ],
    [
      "a block",
      [...walked("issue"), { type: "blocked", step: "test", reason, live: "" }],
      "blocked",
      "blocked: the reason",
    ],
    ["the way back", [...walked("verify"), back], "running", `going back: ${planOf().back[0]?.title ?? ""}`],
    [
      "a hold does not show on the way back",
      [...walked("verify"), back, { type: "held", by, until: at(99), because: "" }],
      "running",
      `going back: ${planOf().back[0]?.title ?? ""} (held)`,
    ],
    ["the end", [{ type: "ended", status: "cancelled", sentence: "it is over", leftovers: [] }], "ended", "it is over"],
  ])("%s", (_, events, status, line) => {
    expect(headlineOf(rotationOf(events))).toMatchObject({
      id: "r1",
      secret: "postgres",
      environment: "prod",
      status,
      line,
    });
  });
});

describe("what is alive", () => {
  const single = rowOf({ overlap: "single" });
  const handedIn = rowOf({ overlap: "single", origin: "handed-in" });

  it("is said in whole sentences; step by step in live.test.ts", () => {
    const rotation = rotationOf(walked("disable"));
    expect(liveNow(rotation)).toBe("the old credential (app_a) is disabled; the new one (app_b) was issued");
    expect(leftoversOf(rotation, "closed")).toEqual([
      { ref: rotation.current, sentence: "the old credential (app_a) was not revoked" },
      { ref: rotation.pending, sentence: "the new credential (app_b) was issued and not revoked" },
    ]);
    expect(liveNow(rotationOf([approved], planOf({ present: "none" })))).toBe(
      "there is no old credential; no new one was issued",
    );
    const blind = rowOf({ overlap: "single" }, true);
    expect(liveNow(rotationOf(until(blind, "issue"), blind))).toBe(
      "the old credential is not known; it is refused; the new one (app_b) was issued",
    );
  });

  it("one that is finished or has gone back leaves nothing", () => {
    expect(leftoversOf(rotationOf(walked("prove")), "done")).toEqual([]);
    expect(leftoversOf(rotationOf([...walked("verify"), back]), "rolled_back")).toEqual([]);
  });

  it("one that went back says where things are, also what a person may have done who was asked for a new one", () => {
    const ends = (events: readonly Event[], plan?: Plan) => wentBack(rotationOf([...events, back], plan));
    expect(ends([approved])).toBe("stopped before anything was changed (the reason)");
    const gone = "the new one is gone (the reason)";
    const undone = begun("back-publish");
    expect(wentBack(rotationOf([...walked("verify"), back, ...undone]))).toBe(
      `rolled back: consumers are on the old credential, ${gone}`,
    );
    const first = planOf({ present: "none" });
    expect(wentBack(rotationOf([...walked("verify"), back, ...undone], first))).toBe(
      `rolled back: stores are as they were, ${gone}`,
    );
    expect(ends(until(handedIn, "collect", "begun"), handedIn)).toBe(
      "stopped before anything was changed (the reason); the old credential (app_a) may be refused already; no new one was handed in, though somebody may have made one",
    );
  });

  it("does not depend on why it is rotated", () => {
    expect(tale(planOf({ cause: "leaked" }))).toBe(tale(planOf()));
  });

  const atConsumer = rowOf({ overlap: "single", triedAt: "consumer" });
  const acceptFirst = rowOf({ overlap: "accept-first", triedAt: "consumer" });
  const failed = (step: string): Event => ({ type: "step_failed", step, reason });
  const unchanged: Event = {
    type: "noted",
    ...{ step: "issue", topic: leftByRefusal, key: unchangedBy(1), sentence: "", detail: null, loud: false },
  };
  const again: Event = { type: "intended", step: "watch", effect: "enable-again" };
  const rewound: Event = { type: "rewound", from: "publish-2", reason };

  it.each<[string, Plan, readonly Event[], string]>([
    [
      "an issuer that refused, and was seen to have changed nothing",
      single,
      [...until(single, "issue", "begun"), unchanged, failed("issue")],
      "old works; new stands in stores, and nothing accepts it | old was not replaced; new stands in stores, and nothing accepts it",
    ],
    [
      "one that refused, and nobody knows what it left",
      single,
      [...until(single, "issue", "begun"), failed("issue")],
      "old may be refused already; new may have been issued, and stands in stores | old may still be accepted; new may have been issued, and stands in stores",
    ],
    [
      "a new one that is not accepted",
      single,
      [...until(single, "test", "begun"), failed("test")],
      "old may still be accepted; new was issued, and its test failed | old may still be accepted; new was issued, and its test failed",
    ],
    [
      "one that was handed in and is not accepted any more",
      handedIn,
      [...until(handedIn, "test", "begun"), failed("test")],
      "old may still be accepted; new was handed in, and its test failed | old may still be accepted; new was handed in, and its test failed",
    ],
    [
      "one that consumers run on and that is not accepted",
      atConsumer,
      [...until(atConsumer, "test", "begun"), failed("test")],
      "old may still be accepted; new was rolled out, and its test failed | old may still be accepted; new was rolled out, and its test failed",
    ],
    [
      "an old one that was set again and is not accepted",
      single,
      [...until(single, "issue"), back, ...done("back-publish"), ...done("back-issue"), failed("back-test")],
      "old was issued again, and its test failed; new may be refused | old was issued again, and its test failed; new may still be accepted",
    ],
    [
      "an old one that was rolled out again and is not accepted",
      atConsumer,
      [...until(atConsumer, "verify"), back, ...done("back-publish"), ...done("back-rollout"), failed("back-test")],
      "old was rolled out again, and its test failed; new may still be accepted | old was rolled out again, and its test failed; new may still be accepted",
    ],
    [
      "an old one that is being enabled for a laggard",
      planOf(),
      [...until(planOf(), "watch", "begun"), again],
      "old is being enabled again; new was issued | old was not revoked; new was issued and not revoked",
    ],
    [
      "one that was enabled for a laggard and stays so",
      planOf(),
      [
        ...until(planOf(), "watch", "begun"),
        again,
        { type: "outcome", step: "watch", effect: "enable-again", detail: null },
      ],
      "old is enabled again; new was issued | old was not revoked; new was issued and not revoked",
    ],
    [
      "one that is accepted again for a laggard",
      acceptFirst,
      [...until(acceptFirst, "watch", "begun"), rewound, ...begun("publish-2")],
      "old is being accepted again, and some instances may refuse it; new is in use | old is accepted by some instances; new is in use, and the rotation did not end",
    ],
    [
      "one that was accepted again",
      acceptFirst,
      [...until(acceptFirst, "watch", "begun"), rewound, ...done("publish-2"), ...done("rollout-2")],
      "old is accepted beside the new one; new is in use | old is accepted beside the new one, and was not withdrawn; new is in use, and the rotation did not end",
    ],
    [
      "consumers that read the store at each use run on what is published",
      { ...atConsumer, consumers: "live" },
      until({ ...atConsumer, consumers: "live" }, "publish", "begun"),
      "old is refused wherever the new one runs; new runs on instances that have read it | old may be in use on some instances; new may be in use on some instances",
    ],
  ])("%s", (_, plan, events, said) => {
    expect(say(rotationOf(events, plan))).toBe(said);
  });
});
