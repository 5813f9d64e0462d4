import { describe, expect, it } from "vitest";
import { type Answers, compose } from "../../src/core/algebra.ts";

const dual: Answers = {
  overlap: "dual",
  origin: "proposed",
  triedAt: "issuer",
  disable: true,
  usage: "sessions",
  present: "works",
};

const ids = (answers: Partial<Answers>) => {
  const { steps, back, pointOfNoReturn } = compose({ ...dual, ...answers });
  return { steps: words(steps), back: words(back), pointOfNoReturn };
};

function words(steps: ReturnType<typeof compose>["steps"]): string {
  return steps
    .map(({ id, slot, accepted }) => `${id}(${which(slot)}${accepted === undefined ? "" : `+${which(accepted)}`})`)
    .join(" ");
}

function which(slot: "current" | "pending"): string {
  return slot === "current" ? "old" : "new";
}

const arrival = "preflight(old) issue(new) test(new) publish(new) rollout(new) verify(new)";
const dualBack = "back-publish(old) back-rollout(old) back-test(old) back-verify(old)";

describe("compose", () => {
  it("dual: additive until revoke, with the whole ladder", () => {
    expect(ids({})).toEqual({
      steps: `${arrival} grace(old) recheck(old) idle(old) disable(old) watch(old) recheck-2(old) revoke(old) prove(old)`,
      back: `back-enable(old) ${dualBack} back-idle(new) back-disable(new) back-revoke(new) back-prove(new)`,
      pointOfNoReturn: "revoke",
    });
  });

  it("dual without a reversible retire: no ladder, and gates before revoke", () => {
    expect(ids({ disable: false })).toEqual({
      steps: `${arrival} grace(old) recheck(old) idle(old) revoke(old) prove(old)`,
      back: `${dualBack} back-idle(new) back-revoke(new) back-prove(new)`,
      pointOfNoReturn: "revoke",
    });
  });

  it("dual without sight of who uses it: the watch is the sign", () => {
    expect(ids({ usage: "none" })).toEqual({
      steps: `${arrival} grace(old) recheck(old) disable(old) watch(old) recheck-2(old) revoke(old) prove(old)`,
      back: `back-enable(old) ${dualBack} back-disable(new) back-revoke(new) back-prove(new)`,
      pointOfNoReturn: "revoke",
    });
  });

  it("dual, tried at the consumer: the test comes after the roll-out", () => {
    expect(ids({ triedAt: "consumer" }).steps).toMatch(
      /^preflight\(old\) issue\(new\) publish\(new\) rollout\(new\) test\(new\) verify\(new\) grace/,
    );
  });

  it("dual, minted by the issuer: the same steps", () => {
    expect(ids({ origin: "minted" })).toEqual(ids({}));
  });

  it("dual, handed in: a person brings it before anything is issued", () => {
    const { steps, back, pointOfNoReturn } = ids({ origin: "handed-in" });
    expect(steps).toBe(ids({}).steps.replace("preflight(old)", "preflight(old) collect(new)"));
    expect({ back, pointOfNoReturn }).toEqual({ back: ids({}).back, pointOfNoReturn: ids({}).pointOfNoReturn });
    expect(ids({ origin: "handed-in", triedAt: "consumer" }).steps).toMatch(
      /^preflight\(old\) collect\(new\) issue\(new\) publish\(new\) rollout\(new\) test\(new\)/,
    );
  });

  it("dual, revoked by a person: confirmed in the place of each revoke, and that is the point of no return", () => {
    expect(ids({ origin: "handed-in", revokeBy: "person", disable: false, usage: "none" })).toEqual({
      steps: `${arrival.replace("preflight(old)", "preflight(old) collect(new)")} grace(old) recheck(old) confirm(old) prove(old)`,
      back: `${dualBack} back-confirm(new) back-prove(new)`,
      pointOfNoReturn: "confirm",
    });
  });

  it.each([
    ["minted", ""],
    ["handed-in", " collect(new)"],
  ] as const)("single, %s: the old one dies as the new one is made, and nothing leads back", (origin, collect) => {
    expect(ids({ overlap: "single", origin })).toEqual({
      steps: `announce(old) ${arrival.replace("preflight(old)", `preflight(old)${collect}`)} prove(old)`,
      back: "",
      pointOfNoReturn: "issue",
    });
  });

  it("what a person tries by hand stands behind the last check, and before anything is retired", () => {
    expect(ids({ byHand: true }).steps).toBe(ids({}).steps.replace("verify(new)", "verify(new) witness(new)"));
    expect(ids({ byHand: true }).back).toBe(ids({}).back);
    expect(ids({ overlap: "accept-first", triedAt: "consumer", byHand: true }).steps).toMatch(
      /verify\(new\) witness\(new\) grace\(old\)/,
    );
  });

  it("a first rotation retires nothing, and its way back removes our keys and the new one", () => {
    expect(ids({ present: "none" })).toEqual({
      steps: `${arrival} prove(old)`,
      back: "back-publish(old) back-rollout(old) back-disable(new) back-revoke(new) back-prove(new)",
      pointOfNoReturn: undefined,
    });
  });

  it("a broken current one has the same steps as one that works", () => {
    expect(ids({ present: "broken" })).toEqual(ids({}));
  });

  it("single, proposed: published first, then the cut, and a second cut as the way back", () => {
    expect(ids({ overlap: "single" })).toEqual({
      steps: "announce(old) preflight(old) publish(new) issue(new) test(new) rollout(new) verify(new) prove(old)",
      back: "back-publish(old) back-issue(old) back-test(old) back-rollout(old) back-verify(old)",
      pointOfNoReturn: "issue",
    });
  });

  it("single, for the first time: nobody is refused, so nothing is announced", () => {
    for (const triedAt of ["issuer", "consumer"] as const) {
      expect(ids({ overlap: "single", triedAt, present: "none" }).steps).toMatch(/^preflight\(old\) publish\(new\)/);
    }
  });

  it("single, tried at the consumers: everything is written, all are restarted, and only then it is tried", () => {
    expect(ids({ overlap: "single", triedAt: "consumer" })).toEqual({
      steps: "announce(old) preflight(old) publish(new) rollout(new) test(new) verify(new) prove(old)",
      back: "back-publish(old) back-rollout(old) back-test(old) back-verify(old)",
      pointOfNoReturn: "rollout",
    });
  });

  it("accept-first: accept, use, forget, and a way back over every phase", () => {
    expect(ids({ overlap: "accept-first", triedAt: "consumer" })).toEqual({
      steps:
        "preflight(old) issue(new) publish(old+new) rollout(old+new) soak(new) accept(new) publish-2(new+old) " +
        "rollout-2(new+old) sign(new+old) verify(new) grace(old) recheck(old) publish-3(new) rollout-3(new) watch(old) " +
        "prove(old) forget(old)",
      back:
        "back-publish(new+old) back-rollout(new+old) back-soak(old) back-accept(old) back-publish-2(old+new) " +
        "back-rollout-2(old+new) back-sign(old+new) back-grace(old+new) back-publish-3(old) back-rollout-3(old) back-verify(old)",
      pointOfNoReturn: "forget",
    });
  });

  it("accept-first, for the first time: nothing is accepted beside it, so nothing is forgotten", () => {
    expect(ids({ overlap: "accept-first", triedAt: "consumer", present: "none" })).toEqual({
      steps: "preflight(old) issue(new) publish(new) rollout(new) sign(new) verify(new) prove(old)",
      back: "back-publish(old) back-rollout(old)",
      pointOfNoReturn: undefined,
    });
  });

  it.each([
    { overlap: "single", origin: "minted", triedAt: "consumer" },
    { overlap: "single", origin: "handed-in", triedAt: "consumer" },
    { overlap: "accept-first", origin: "handed-in" },
    { overlap: "delegated" },
  ] as const)("what is not listed is refused: %j", (answers) => {
    expect(() => compose({ ...dual, ...answers })).toThrow(expect.objectContaining({ code: "not_composable" }));
  });

  it("the way back never revokes or disables the old one, and never names an id twice", () => {
    for (const overlap of ["dual", "single"] as const) {
      for (const disable of [true, false]) {
        for (const usage of ["sessions", "last-used", "none"] as const) {
          for (const present of ["works", "none", "broken"] as const) {
            const { steps, back } = compose({ ...dual, overlap, disable, usage, present });
            const all = [...steps, ...back].map(({ id }) => id);
            expect(new Set(all).size).toBe(all.length);
            const ends = back.filter(({ kind }) => kind === "revoke" || kind === "disable");
            expect(ends.filter(({ slot }) => slot === "current")).toEqual([]);
          }
        }
      }
    }
  });
});
