import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { pruneOld } from "../../src/core/desk/prune-old.ts";
import { GiveUp } from "../../src/core/errors.ts";
import type { Kinds } from "../../src/core/kinds.ts";
import type { AuditEntry } from "../../src/core/state.ts";
import { type FreshDatabase, freshDatabase } from "../servers/fresh-database.ts";
import { type LightShop, openLightShop } from "./light-shop.ts";
import { openStage, type Stage } from "./stage.ts";
import { report } from "./story.ts";

let database: FreshDatabase;
let shop: LightShop;
let stage: Stage;
let old: string[];
let broken: Error | undefined;

/** The real store, with objects beside it that can be removed. */
function pruning(kinds: Kinds): Kinds {
  const stores = kinds.stores.map((kind) => ({
    ...kind,
    bind: (entry: unknown) => {
      const bound = kind.bind(entry);
      return {
        ...bound,
        open: async (context: Parameters<typeof bound.open>[0]) => {
          const prune = async (): Promise<readonly string[]> => {
            if (broken !== undefined) throw broken;
            const removed = old;
            if (removed.length > 0) context.session.guard();
            old = [];
            return await Promise.resolve(removed);
          };
          return { ...(await bound.open(context)), prune };
        },
      };
    },
  }));
  return { ...kinds, stores };
}

describe("what earlier publishes left", { timeout: 120_000 }, () => {
  beforeEach(async () => {
    [old, broken] = [["db-r1-1", "db-r2-1"], undefined];
    database = await freshDatabase();
    shop = await openLightShop({ server: database.server, mode: "dual" });
    stage = await openStage({ databaseUrl: database.url, ...shop, programs: ["/usr/bin"], kinds: pruning });
  });
  afterEach(async () => {
    await stage?.close();
    await shop?.close();
    await database?.[Symbol.asyncDispose]();
  });

  it("is removed as the last effect of a rotation, and the journal has the names", async () => {
    const rotation = await stage.drive(await stage.approved());

    expect(rotation.ended, report(rotation)).toMatchObject({ status: "done" });
    expect(rotation.steps["prove"]?.effects["prune:0"]?.detail).toEqual(["db-r1-1", "db-r2-1"]);
    expect(rotation.steps["prove"]?.sentence).toMatch(/^proved: /);
    expect(old).toEqual([]);
  });

  it("does not keep a rotation from its end when it cannot be removed: the thread says so", async () => {
    broken = new GiveUp("kubernetes_forbidden", "Keyturn may not delete secrets in shop");
    const id = await stage.approved();
    const rotation = await stage.drive(id);

    expect(rotation.ended, report(rotation)).toMatchObject({ status: "done" });
    const events = (await stage.state.load(id)).map(({ event }) => event);
    expect(events).toContainEqual(
      expect.objectContaining({
        type: "noted",
        step: "prove",
        loud: true,
        sentence: expect.stringMatching(/old versions were not removed, .*: Keyturn may not delete secrets in shop$/),
      }),
    );
  });

  it("is removed by a sweep, which the audit log knows before and after; a second sweep finds nothing and says nothing", async () => {
    const { entries, deps } = audited();

    await pruneOld(deps, new AbortController().signal);
    await pruneOld(deps, new AbortController().signal);

    expect(old).toEqual([]);
    expect(entries.map(({ verb, detail }) => [verb, detail.replace(/^.*: /, "")])).toEqual([
      ["prune", "old versions are removed"],
      ["pruned", "db-r1-1, db-r2-1"],
    ]);
  });

  it("is left to a rotation that is open, and stays when the audit log cannot be written", async () => {
    const id = await stage.approved();
    await stage.drive(id, undefined, "publish");
    await pruneOld(stage.deps, new AbortController().signal);
    expect(old).toHaveLength(2);

    await stage.drive(id);
    old = ["db-r3-1"];
    const state = { ...stage.state, audit: () => Promise.reject(new Error("no database")) };
    await pruneOld({ ...stage.deps, state }, new AbortController().signal);
    expect(old).toEqual(["db-r3-1"]);
  });

  it("that cannot be removed by a sweep is logged, and the sweep goes on", async () => {
    broken = new GiveUp("kubernetes_forbidden", "Keyturn may not list secrets in shop");
    const said: unknown[] = [];
    const log = { info: () => undefined, warn: (fields: object) => said.push(fields) };
    const { entries, deps } = audited();

    await pruneOld({ ...deps, log }, new AbortController().signal);

    expect(said).toEqual([expect.objectContaining({ code: "kubernetes_forbidden" })]);
    expect(entries).toEqual([]);
    await expect(pruneOld(deps, AbortSignal.abort(new Error("ends")))).rejects.toThrow("ends");
  });
});

function audited() {
  const entries: AuditEntry[] = [];
  const audit = async (entry: AuditEntry): Promise<void> => {
    entries.push(entry);
    await stage.state.audit(entry);
  };
  return { entries, deps: { ...stage.deps, state: { ...stage.state, audit } } };
}
