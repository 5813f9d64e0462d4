import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import type { BoundCheck, CheckScope, Verdict } from "../../src/core/ports.ts";

/** Something a check can look at, made afresh for each law, green at first. */
export type CheckWorld = {
  readonly bound: BoundCheck;
  readonly scope: () => Promise<CheckScope>;
  /** What is looked at fails, as this rotation would make it fail. */
  readonly breakIt: () => Promise<void>;
  /** It cannot be looked at any more. */
  readonly hideIt: () => Promise<void>;
  /** Whether a failure from before the baseline is a warning later; a login check knows no such thing. */
  readonly forgives: boolean;
  /** Texts that nothing may show, which occur in what is looked at. */
  readonly secrets: readonly string[];
  readonly close: () => Promise<void>;
};

/** The laws of a Check (`src/core/ports.ts`). Each kind's tests call this once for each of its modes. */
export function checkContract(contract: {
  readonly name: string;
  readonly makeWorld: () => Promise<CheckWorld>;
}): void {
  const inWorld = async (act: (world: CheckWorld, look: (signal?: AbortSignal) => Promise<Looks>) => Promise<void>) => {
    const world = await contract.makeWorld();
    try {
      await act(world, (signal) => open(world, signal));
    } finally {
      await world.close();
    }
  };

  describe(`${contract.name} keeps the laws of a check`, () => {
    it("is green, without a warning, where nothing changed", () =>
      inWorld(async (_, open) => {
        const { baseline, run } = await open();

        const verdict = await run(await baseline());

        expect([verdict.ok, verdict.warning]).toEqual([true, undefined]);
      }));

    it("is red where something broke after the baseline: a value, not an error", () =>
      inWorld(async ({ breakIt }, open) => {
        const { baseline, run } = await open();
        const before = await baseline();
        await breakIt();

        expect((await run(before)).ok).toBe(false);
      }));

    it("throws when it cannot look, in the baseline and in a run", () =>
      inWorld(async ({ hideIt }, open) => {
        const { baseline, run } = await open();
        const before = await baseline();
        await hideIt();

        await expect(run(before)).rejects.toThrow();
        await expect(baseline()).rejects.toThrow();
      }));

    it("shows what was red before as a warning only, where it can tell", () =>
      inWorld(async ({ breakIt, forgives }, open) => {
        await breakIt();
        const { baseline, run } = await open();

        const verdict = await run(await baseline());

        expect(verdict.ok || verdict.warning === true).toBe(forgives);
      }));

    it("keeps a baseline that survives the journal", () =>
      inWorld(async ({ breakIt }, open) => {
        const { baseline, run } = await open();
        const before: unknown = await baseline();
        const kept = JSON.parse(JSON.stringify(before));
        await breakIt();

        expect(kept).toEqual(before);
        expect((await run(kept)).ok).toBe(false);
      }));

    it("says it in one line without secrets, green and red", () =>
      inWorld(async ({ breakIt, hideIt, secrets }, open) => {
        const { baseline, run } = await open();
        const before = await baseline();
        const heard: unknown[] = [before, await run(before)];
        await breakIt();
        const red = await run(before);
        heard.push(red, await baseline());
        await hideIt();
        heard.push(await run(before).catch((error: unknown) => error));

        const text = inspect(heard, { depth: 20, showHidden: true });
        expect(secrets.length).toBeGreaterThan(0);
        expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
        expect(red.summary).toMatch(/^[\x20-\x7e]{1,500}$/);
      }));

    it("looks at nothing once it is aborted", () =>
      inWorld(async (_, open) => {
        const { baseline } = await open(AbortSignal.abort(new Error("stopped")));

        await expect(baseline()).rejects.toThrow("stopped");
      }));
  });
}

type Looks = {
  readonly baseline: () => ReturnType<Awaited<ReturnType<BoundCheck["open"]>>["baseline"]>;
  readonly run: (baseline: Awaited<ReturnType<Looks["baseline"]>>) => Promise<Verdict>;
};

async function open(world: CheckWorld, signal = new AbortController().signal): Promise<Looks> {
  const check = await world.bound.open({
    session: { rotationId: "r-7f3a", epoch: 1, name: "keyturn:r-7f3a:1", guard: () => undefined },
    signal,
    resolve: () => Promise.reject(new Error("this world has no references")),
  });
  return {
    baseline: async () => await check.baseline(await world.scope()),
    run: async (baseline) => await check.run(baseline, await world.scope()),
  };
}
