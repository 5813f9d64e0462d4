import { describe, expect, it } from "vitest";
import type { Event } from "../../src/core/events.ts";
import type { Refusal, Use } from "../../src/core/ports.ts";
import { isInstance, isSettled, refusedAmong } from "../../src/core/settled.ts";
import { runGrace } from "../../src/core/steps/grace.ts";
import { runIdle } from "../../src/core/steps/idle.ts";
import { runProve } from "../../src/core/steps/prove.ts";
import { runRollout } from "../../src/core/steps/rollout.ts";
import { runVerify } from "../../src/core/steps/verify.ts";
import { approved, at, done, planOf } from "./samples.ts";
import { green, red, sceneOf, settled } from "./stub-context.ts";

const issued: Event = { type: "issued", ref: { principal: "app_b", generation: "two" }, public: {} };
const captured: Event = { type: "captured", present: "works", listed: [], stores: [], baselines: [null], red: [] };
const before = (step: string, plan = planOf()): Event[] => {
  const index = plan.steps.findIndex(({ id }) => id === step);
  return [approved, captured, issued, ...plan.steps.slice(0, index).flatMap(({ id }) => done(id))];
};

describe("verify", () => {
  const start = () => sceneOf(planOf(), "verify", before("verify"));

  it("fails when a check stays red for 20 s, and not before", async () => {
    const { scene, context } = start();
    scene.check = () => red;
    expect(await runVerify(context)).toMatchObject({ kind: "again" });
    scene.seconds = 19;
    expect(await runVerify(context)).toMatchObject({ kind: "again" });
    scene.seconds = 20;
    expect(await runVerify(context)).toMatchObject({ kind: "failed", reason: { code: "check_red" } });
  });

  it("counts anew when it was green in between", async () => {
    const { scene, context } = start();
    for (const [seconds, verdict] of [
      [0, red],
      [15, green],
      [16, red],
      [30, red],
    ] as const) {
      scene.seconds = seconds;
      scene.check = () => verdict;
      if (verdict === red) expect(await runVerify(context)).toMatchObject({ kind: "again" });
      else await runVerify(context);
    }
  });

  it("a check that cannot be looked at is never fine: it is told at once, and after a quarter of an hour a person is asked", async () => {
    const { scene, context } = start();
    scene.check = () => {
      throw new Error("nobody answers");
    };
    expect(await runVerify(context)).toMatchObject({ kind: "again" });
    expect(scene.events).toContainEqual(expect.objectContaining({ type: "noted", loud: true }));
    scene.seconds = 899;
    expect(await runVerify(context)).toMatchObject({ kind: "again" });
    scene.seconds = 900;
    expect(await runVerify(context)).toMatchObject({ kind: "blocked", reason: { code: "cannot_look" } });
  });

  it("a check that must hold is not done before it has held", async () => {
    const plan = { ...planOf(), checks: [{ kind: "http", entry: {}, label: "http health", settleMs: 5_000 }] };
    const { scene, context } = sceneOf(plan, "verify", before("verify", plan));
    expect(await runVerify(context)).toMatchObject({ kind: "again" });
    scene.seconds = 5;
    expect(await runVerify(context)).toMatchObject({ kind: "done" });
  });

  it("a secret in an error of a check is masked", async () => {
    const { scene, context } = start();
    scene.check = () => {
      throw new Error("GET http://app:password-pending@host failed");
    };
    await runVerify(context);
    expect(JSON.stringify(scene.events)).not.toContain("password-pending");
    expect(JSON.stringify(scene.events)).toContain("[secret]");
  });
});

describe("grace", () => {
  it("adds all the time that it stood still, whatever stood in the way meanwhile", async () => {
    const { scene, context } = sceneOf(planOf(), "grace", before("grace"));
    const look = async (seconds: number, instances = [settled], check = green) => {
      Object.assign(scene, { seconds, instances, check: () => check });
      return runGrace(context);
    };
    const late = { ...settled, on: "old" as const };
    await look(10);
    expect(scene.rotation().graceUntil).toBe(at(10 + 3_600));
    await look(100, [late]);
    await look(130, [settled], red);
    await look(160, [late], red);
    await look(180);
    expect(scene.rotation().graceUntil).toBe(at(10 + 3_600 + 80));
    await look(190);
    expect(scene.rotation().graceUntil).toBe(at(10 + 3_600 + 80));
    expect(await look(3_689)).toMatchObject({ kind: "again" });
    expect(await look(3_690)).toMatchObject({ kind: "done" });
  });

  it("a drift that lasts beyond graceMax asks a person", async () => {
    const { scene, context } = sceneOf(planOf(), "grace", before("grace"));
    await runGrace(context);
    scene.instances = [{ ...settled, on: "old" }];
    scene.seconds = 10_800;
    expect(await runGrace(context)).toMatchObject({ kind: "again" });
    scene.seconds = 10_801;
    expect(await runGrace(context)).toMatchObject({ kind: "blocked", reason: { code: "drift" } });
  });

  it("on the way back graceMax counts from the grace of the way back, also where no other had begun", async () => {
    const plan = planOf({ overlap: "accept-first", triedAt: "consumer" });
    const turned: Event = {
      type: "turned_back",
      by: { kind: "slack", id: "U-ada", team: "T1" },
      reason: { code: "asked", sentence: "asked" },
    };
    for (const last of ["grace", "watch"]) {
      const { scene, context } = sceneOf(plan, "back-grace", [...before(last, plan), turned]);
      const started = scene.rotation().steps["back-grace"];
      if (started === undefined) throw new Error("not started");
      const steps = { ...scene.rotation().steps, "back-grace": { ...started, startedAt: at(10_000) } };
      const late = { ...context, rotation: () => ({ ...scene.rotation(), steps }) };
      scene.seconds = 10_000;
      await runGrace(late);
      scene.instances = [{ ...settled, on: "old" }];
      scene.seconds = 20_800;
      expect(await runGrace(late), last).toMatchObject({ kind: "again" });
      scene.seconds = 20_801;
      expect(await runGrace(late), last).toMatchObject({ kind: "blocked", reason: { code: "drift" } });
    }
  });
});

describe("idle", () => {
  const use = (since: number, address: string): Use => ({
    id: "1",
    address,
    client: "",
    since: at(since),
    certainty: "certain",
  });
  const grace: Event = {
    type: "grace_changed",
    by: { kind: "engine", id: "keyturn" },
    until: at(0),
    reason: { code: "x", sentence: "" },
  };
  const start = () => sceneOf(planOf(), "idle", [...before("idle"), grace]);

  it("is done when samples close together have seen nobody for the whole period", async () => {
    const { scene, context } = start();
    for (scene.seconds = 0; scene.seconds < 600; scene.seconds += 15) {
      expect(await runIdle(context)).toMatchObject({ kind: "again" });
    }
    expect(await runIdle(context)).toMatchObject({ kind: "done" });
  });

  it("begins anew after a gap between two samples", async () => {
    const { scene, context } = start();
    await runIdle(context);
    scene.seconds = 600;
    expect(await runIdle(context)).toMatchObject({ kind: "again" });
  });

  it("leaves old connections to the watch", async () => {
    const { scene, context } = start();
    scene.uses = [use(-100, "10.0.0.1")];
    expect(await runIdle(context)).toMatchObject({ kind: "again" });
    scene.seconds = 600;
    expect(await runIdle(context)).toMatchObject({ kind: "done" });
  });

  it("waits for an instance of the plan that logs in with the old one today, up to graceMax; a stranger is not waited for", async () => {
    const { scene, context } = start();
    scene.uses = [use(300, "10.0.0.1")];
    scene.seconds = 700;
    expect(await runIdle(context)).toMatchObject({ kind: "again" });
    scene.seconds = 10_801;
    expect(await runIdle(context)).toMatchObject({ kind: "blocked", reason: { code: "still_used" } });
    const other = start();
    other.scene.uses = [use(300, "192.0.2.1")];
    other.scene.seconds = 700;
    expect(await runIdle(other.context)).toMatchObject({ kind: "done" });
  });
});

describe("prove", () => {
  const start = (plan = planOf()) => sceneOf(plan, "prove", before("prove", plan));

  it("is a pair: refused as documented, and accepted by the same probe before", async () => {
    const { scene, context } = start();
    scene.trial = (slot) =>
      slot === "current" ? { verdict: "refused", code: "28P01" } : { verdict: "accepted", ms: 1 };
    expect(await runProve(context)).toMatchObject({
      kind: "done",
      sentence: "proved: old credential refused (28P01; accepted by the same probe before), new accepted",
    });
  });

  it.each([
    ["an answer that is no refusal", { verdict: "unknown", code: "28000", sentence: "no pg_hba line" }],
    ["one that is only disabled", { verdict: "refused", code: "28000", disabled: true }],
    ["one that still works", { verdict: "accepted", ms: 1 }],
  ] as const)("%s proves nothing", async (_, trial) => {
    const { scene, context } = start();
    scene.trial = (slot) => (slot === "current" ? trial : { verdict: "accepted", ms: 1 });
    expect(await runProve(context)).toMatchObject({ kind: "blocked" });
  });

  it("nothing is proved while the new one is not accepted", async () => {
    const { scene, context } = start();
    scene.trial = () => ({ verdict: "refused", code: "28P01" });
    expect(await runProve(context)).toMatchObject({ kind: "blocked" });
  });

  it("inside the time that death takes, a wrong answer means try later", async () => {
    const plan = { ...planOf(), rotator: { ...planOf().rotator, deadWithinMs: 60_000 } };
    const { scene, context } = start(plan);
    expect(await runProve(context)).toMatchObject({ kind: "again" });
    scene.seconds = 60;
    expect(await runProve(context)).toMatchObject({ kind: "blocked" });
  });
});

describe("roll-out", () => {
  it("zero instances, an unknown one and one that is not ready are never settled", () => {
    expect(isSettled([])).toBe(false);
    expect(isSettled([settled, { ...settled, on: "unknown" }])).toBe(false);
    expect(isSettled([{ ...settled, ready: false }])).toBe(false);
    expect(isSettled([settled])).toBe(true);
  });

  it("fails when a consumer has no instance, instead of going on", async () => {
    const { scene, context } = sceneOf(planOf(), "rollout", before("rollout"));
    scene.instances = [];
    expect(await runRollout(context)).toMatchObject({ kind: "failed", reason: { code: "zero_consumers" } });
  });

  it("stops at the first instance that does not settle, and touches no other", async () => {
    const { scene, context } = sceneOf(planOf(), "rollout", before("rollout"));
    scene.instances = [
      { ...settled, on: "old" },
      { ...settled, id: "two", on: "old" },
    ];
    expect(await runRollout(context)).toMatchObject({ kind: "again" });
    scene.seconds = 181;
    expect(await runRollout(context)).toMatchObject({ kind: "failed", reason: { code: "not_settled" } });
    expect(scene.reloads).toEqual(["one"]);
  });

  it("knows an instance by its address, and by its name where it has one", () => {
    expect(isInstance(settled, "10.0.0.1:5432", "")).toBe(true);
    expect(isInstance({ ...settled, addresses: ["fe80::1"] }, "[fe80::1]:5432", "x")).toBe(true);
    expect(isInstance({ ...settled, clients: ["shop"] }, "10.0.0.1", "")).toBe(false);
    expect(isInstance(settled, "10.0.0.2", "")).toBe(false);
  });

  it("takes a nameless refusal for that of a named instance at this address only when it was the right secret", () => {
    const shop = [
      { ...settled, id: "one", clients: ["shop-1"] },
      { ...settled, id: "two", clients: ["shop-2"] },
    ];
    const among = (change: Partial<Refusal>) =>
      refusedAmong(shop, { address: "10.0.0.1:4711", client: "", at: "", count: 1, ...change }).map(({ id }) => id);
    expect(among({ presented: true })).toEqual(["one", "two"]);
    expect(among({})).toEqual([]);
    expect(among({ client: "shop-2" })).toEqual(["two"]);
    expect(among({ presented: true, client: "backup" })).toEqual([]);
    expect(among({ presented: true, address: "10.0.0.9:4711" })).toEqual([]);
  });
});
