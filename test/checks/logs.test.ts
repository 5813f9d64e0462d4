import { appendFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { logsCheck } from "../../src/checks/logs/check.ts";
import type { CheckScope, Consumer, Instance, Json, LogLines, Verdict } from "../../src/core/ports.ts";
import { runner } from "../../src/process/run.ts";
import { checkContract } from "../contract/check.ts";
import { newFolder } from "../servers/run-folder.ts";
import { scopeOf } from "./scope.ts";

const canary = "canary-l0gs-Zq8Kx2";
const stamp = (agoMs = 0): string => new Date(Date.now() - agoMs).toISOString();

checkContract({
  name: "logs of a file",
  makeWorld: async () => {
    const folder = newFolder("logs");
    const file = join(folder, "app.log");
    await writeFile(file, `${stamp(60_000)} listening, token=${canary}\n${stamp(50_000)} GET / 403 forbidden\n`);
    return {
      bound: logsCheck({ runner: runner([]), logFolders: [folder] }).bind({ kind: "logs", files: [file] }),
      scope: () => Promise.resolve(scopeOf()),
      breakIt: async () => {
        const line = `auth error: password "${canary}" refused for x=${canary} with ${canary}`;
        await appendFile(file, Array.from({ length: 20 }, () => `${stamp()} ${line}\n`).join(""));
      },
      hideIt: () => rm(file),
      forgives: true,
      secrets: [canary],
      close: () => rm(folder, { recursive: true }),
    };
  },
});

describe("the logs check of consumers", () => {
  const quiet = { perMinute: 0, signatures: [] };
  const noisy = { perMinute: 2, signatures: ["N 401 unauthorized", "unauthorized"] };

  it("is red for a new signature above the rate, in an instance on the new value", async () => {
    const verdict = await judge(quiet, [instance("a", "new"), instance("b", "new")], { b: ["unauthorized"] });

    expect(verdict).toMatchObject({ ok: false, summary: expect.stringContaining("in b, new: unauthorized") });
  });

  it.each<[string, Json, Instance["on"], readonly string[], boolean]>([
    ["the same in an instance on the old value", quiet, "old", ["unauthorized"], false],
    ["the same in an instance of which nobody knows", quiet, "unknown", ["unauthorized"], false],
    ["what was said before, though more often", noisy, "new", Array.from({ length: 60 }, () => "unauthorized"), true],
    ["something new at the old rate", noisy, "new", ["forbidden"], true],
  ])("only warns about %s", async (_, before, on, lines, ok) => {
    const verdict = await judge(before, [instance("a", on)], { a: lines });

    expect([verdict.ok, verdict.warning]).toEqual([ok, true]);
  });

  it("calls matches below the declared floor normal in rate, and says what is new about them", async () => {
    const verdict = await judge(quiet, [instance("a", "new")], { a: ["forbidden"] }, { floor: 1 });

    expect([verdict.ok, verdict.warning]).toEqual([true, true]);
  });

  it("counts a line without a match as nothing", async () => {
    const verdict = await judge(quiet, [instance("a", "new")], { a: ["all is well", "authorized"] });

    expect([verdict.ok, verdict.warning]).toEqual([true, undefined]);
  });

  it.each<[string, (consumer: Consumer) => readonly Consumer[], string]>([
    ["no consumer at all", () => [], "logs_unavailable"],
    [
      "a consumer without logs",
      ({ preflight, units, reload, instances, close }) => [{ preflight, units, reload, instances, close }],
      "logs_unavailable",
    ],
    [
      "a consumer without instances",
      (consumer) => [{ ...consumer, logs: () => Promise.resolve([]) }],
      "logs_unavailable",
    ],
    [
      "a log that was cut",
      (consumer) => [{ ...consumer, logs: () => Promise.resolve([{ instance: "a", lines: [], complete: false }]) }],
      "logs_incomplete",
    ],
  ])("throws for %s", async (_, change, code) => {
    const consumers = change(consumerOf([instance("a", "new")], {}));
    const check = await bound({}).open(context());

    await expect(check.run(quiet, scopeOf({ consumers }))).rejects.toMatchObject({ code });
  });

  it("takes time that grows with the text only, whatever the pattern", async () => {
    const bomb = `${"a".repeat(40)}!`;
    const verdict = await judge(quiet, [instance("a", "new")], { a: [bomb] }, { pattern: "^(a+)+$" });

    expect(verdict.ok).toBe(true);
  });

  it.each([
    ["a look-ahead", { pattern: "(?=x)" }],
    ["nobody's logs", { of: undefined }],
    ["an empty window", { window: "0s" }],
  ])("refuses %s when the catalog is read", (_, entry) => {
    expect(() => bound(entry)).toThrow();
  });

  async function judge(
    before: Json,
    instances: readonly Instance[],
    lines: Readonly<Record<string, readonly string[]>>,
    entry: object = {},
  ): Promise<Verdict> {
    const check = await bound(entry).open(context());
    const expected = {
      ref: { principal: "p", generation: "2" },
      public: {},
      values: {},
      since: stamp(3_600_000),
      places: {},
    };
    const scope: CheckScope = scopeOf({ consumers: [consumerOf(instances, lines)], expected });
    return await check.run(before, scope);
  }

  function bound(entry: object) {
    return logsCheck({ runner: runner([]), logFolders: [] }).bind({ kind: "logs", of: "consumers", ...entry });
  }
});

function instance(id: string, on: Instance["on"]): Instance {
  return { id, on, ready: true, detail: "", addresses: [], clients: [] };
}

function consumerOf(instances: readonly Instance[], texts: Readonly<Record<string, readonly string[]>>): Consumer {
  const logs = instances.map(
    ({ id }): LogLines => ({
      instance: id,
      lines: (texts[id] ?? []).map((text) => ({ at: stamp(), text })),
      complete: true,
    }),
  );
  return {
    preflight: () => Promise.resolve([]),
    units: () => Promise.resolve([]),
    reload: () => Promise.resolve(),
    instances: () => Promise.resolve(instances),
    logs: () => Promise.resolve(logs),
    close: () => Promise.resolve(),
  };
}

function context() {
  return {
    session: { rotationId: "r", epoch: 1, name: "keyturn:r:1", guard: () => undefined },
    signal: new AbortController().signal,
    resolve: () => Promise.reject(new Error("this world has no references")),
  };
}
