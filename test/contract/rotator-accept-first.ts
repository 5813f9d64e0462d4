import { describe, expect, it } from "vitest";
import { type Credential, sameRef } from "../../src/core/credential.ts";
import type { Issuer } from "../../src/core/ports.ts";
import { promptLaws } from "./rotator-prompt.ts";
import { silentLaws } from "./rotator-silent.ts";
import { soundLaws } from "./rotator-sound.ts";
import { type BareWorld, inWorld, issue, type RotatorWorld, type Run } from "./rotator-world.ts";

type Fields = Pick<Credential, "public" | "secret">;

/** Applications that are the issuer: several instances that make things with one credential and may accept a second. */
export type ArrangedWorld = BareWorld &
  Pick<RotatorWorld, "canaries" | "foreign" | "wire"> & {
    /** Starts instances anew (default: all of them, by number) on what they use and what they accept beside it. */
    readonly arrange: (uses: Fields, accepts: Fields | undefined, instances?: readonly number[]) => Promise<void>;
  };

/**
 * The laws of an issuer whose judges are the applications, against real ones. `accepts`: they take a second credential
 * (`accept-first`); else there is one at a time (`single`, tried at the consumer).
 */
export function acceptFirstContract(contract: {
  readonly name: string;
  readonly accepts: boolean;
  readonly makeWorld: () => Promise<ArrangedWorld>;
}): void {
  const { makeWorld } = contract;
  describe(`${contract.name} keeps the laws of an issuer`, () => {
    soundLaws(makeWorld);
    judgingLaws(makeWorld);
    if (contract.accepts) phaseLaws(makeWorld);
    promptLaws(makeWorld);
    silentLaws(makeWorld);
  });
}

function judgingLaws(makeWorld: () => Promise<ArrangedWorld>): void {
  it("only the old one: it is accepted and used, and issue, twice, changes nothing of that", () =>
    inWorld(makeWorld, async (_world, issuer, run) => {
      const pending = await issue(issuer, run);
      const again = await issue(issuer, run);

      expect(again.ref).toEqual(pending.ref);
      expect(sameRef(pending.ref, run.current.ref)).toBe(false);
      expect(await verdicts(issuer, run, pending)).toEqual(expected(issuer, ["accepted", "refused"], "old"));
    }));

  it("only the new one: it is accepted and used, the old one is refused, and revoke, twice, succeeds", () =>
    inWorld(makeWorld, async (world, issuer, run) => {
      const pending = await issue(issuer, run);
      await world.arrange(pending, undefined);

      await issuer.revoke(run.current.ref);
      await issuer.revoke(run.current.ref);

      expect(await verdicts(issuer, run, pending)).toEqual(expected(issuer, ["refused", "accepted"], "new"));
    }));

  it("says unknown, and who, when instances disagree", () =>
    inWorld(makeWorld, async (world, issuer, run) => {
      const pending = await issue(issuer, run);
      await world.arrange(pending, undefined, [1]);

      const trial = await issuer.test(pending);
      expect(trial).toMatchObject({ verdict: "unknown", code: "disagree" });
      expect(await issuer.test(run.current)).toMatchObject({ verdict: "unknown", code: "disagree" });
      if (issuer.signs !== undefined) expect(await issuer.signs(pending)).toMatchObject({ verdict: "refused" });
    }));

  it("says unknown when one instance cannot be asked", () =>
    inWorld(makeWorld, async (world, issuer, run) => {
      world.wire.reset();
      world.wire.cut(1, "before");
      expect((await issuer.test(run.current)).verdict).toBe("unknown");
      world.wire.reset();
      expect((await issuer.test(run.current)).verdict).toBe("accepted");
    }));

  it("finds what it made again in a store, under the same ref", () =>
    inWorld(makeWorld, async (_world, issuer, run) => {
      const pending = await issue(issuer, run);
      expect((await issuer.identify(pending)).ref).toEqual(pending.ref);
      expect((await issuer.identify({ public: {}, secret: pending.secret })).ref).toEqual(pending.ref);
    }));
}

function phaseLaws(makeWorld: () => Promise<ArrangedWorld>): void {
  it("the old one used, the new one accepted beside it: both are accepted", () =>
    inWorld(makeWorld, async (world, issuer, run) => {
      const pending = await issue(issuer, run);
      await world.arrange(run.current, pending);
      expect(await verdicts(issuer, run, pending)).toEqual(expected(issuer, ["accepted", "accepted"], "old"));
      expect((await issuer.listedEverywhere?.(pending))?.verdict ?? "accepted").toBe("accepted");
    }));

  it("the new one used, the old one accepted beside it: both are accepted", () =>
    inWorld(makeWorld, async (world, issuer, run) => {
      const pending = await issue(issuer, run);
      await world.arrange(pending, run.current);
      expect(await verdicts(issuer, run, pending)).toEqual(expected(issuer, ["accepted", "accepted"], "new"));
    }));

  it("an instance that does not accept the new one is found before anybody uses it", () =>
    inWorld(makeWorld, async (world, issuer, run) => {
      const pending = await issue(issuer, run);
      await world.arrange(run.current, pending, [0]);
      await world.arrange(run.current, undefined, [1]);
      expect(await issuer.test(pending)).toMatchObject({ verdict: "unknown", code: "disagree" });
      expect((await issuer.test(run.current)).verdict).toBe("accepted");
      expect((await issuer.listedEverywhere?.(pending))?.verdict ?? "refused").toBe("refused");
    }));
}

async function verdicts(issuer: Issuer, run: Run, pending: Credential): Promise<readonly (string | undefined)[]> {
  const looks = [
    await issuer.test(run.current),
    await issuer.test(pending),
    await issuer.signs?.(run.current),
    await issuer.signs?.(pending),
  ];
  return looks.map((trial) => trial?.verdict);
}

function expected(issuer: Issuer, accepted: readonly string[], used: "old" | "new"): readonly (string | undefined)[] {
  const signs = used === "old" ? ["accepted", "refused"] : ["refused", "accepted"];
  return [...accepted, ...(issuer.signs === undefined ? [undefined, undefined] : signs)];
}
