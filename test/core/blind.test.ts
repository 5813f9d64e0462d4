import { describe, expect, it } from "vitest";
import type { Answers } from "../../src/core/algebra.ts";
import { composeBlind, isBlind } from "../../src/core/blind.ts";

const base: Answers = {
  overlap: "dual",
  origin: "handed-in",
  triedAt: "issuer",
  disable: false,
  usage: "none",
  revokeBy: "person",
  present: "unknown",
};
const ids = (steps: readonly { readonly id: string }[]): string => steps.map(({ id }) => id).join(" ");
const publish = { kind: "a", entry: {}, label: "a", values: {} };

describe("a plan whose current credential nobody can read", () => {
  it("is one where a store cannot be read and nothing else tells", () => {
    expect(isBlind({ publishes: [publish, { ...publish, readable: false }] }, "unknown")).toBe(true);
    expect(isBlind({ publishes: [publish, { ...publish, readable: false }] }, "works")).toBe(false);
    expect(isBlind({ publishes: [publish] }, "unknown")).toBe(false);
  });

  it("has no way back after publish; a new one that was brought is revoked by a person", () => {
    const { steps, back, pointOfNoReturn } = composeBlind(base);
    expect(ids(steps)).toBe("preflight collect issue test publish rollout verify grace recheck confirm prove");
    expect([ids(back), pointOfNoReturn]).toEqual(["back-confirm back-prove", "publish"]);
  });

  it("sets a single one, and nothing leads back", () => {
    const { steps, back, pointOfNoReturn } = composeBlind({ ...base, overlap: "single", origin: "proposed" });
    expect(ids(steps)).toContain("preflight publish issue test rollout verify prove");
    expect([ids(back), pointOfNoReturn]).toEqual(["", "publish"]);
  });

  it.each([
    ["the old one would be revoked by a program", { revokeBy: "api" }],
    ["the old one would have to stay accepted", { overlap: "accept-first", origin: "proposed" }],
  ] as const)("is refused where %s", (_what, change) => {
    expect(() => composeBlind({ ...base, ...change })).toThrow("could not be retired");
  });
});
