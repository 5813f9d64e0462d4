import { describe, expect, it } from "vitest";
import type { Plan } from "../../src/core/plan.ts";
import type { Trial } from "../../src/core/ports.ts";
import { runAccept } from "../../src/core/steps/accept.ts";
import { runSoak } from "../../src/core/steps/soak.ts";
import { at, planOf } from "./samples.ts";
import { sceneOf } from "./stub-context.ts";

const soakMs = 600_000;
const listed: Trial = { verdict: "accepted", ms: 1 };
const missing: Trial = { verdict: "refused", code: "not listed at cdn/jwks.json" };
const silent: Trial = { verdict: "unknown", code: "http_timed_out", sentence: "cdn did not answer" };

describe("the wait for caches", () => {
  it("counts from the moment at which every public address lists the key, not from its own beginning", async () => {
    const { scene, context, run, see } = stepOf("soak");
    see(missing);
    expect((await run(0)).kind).toBe("again");
    expect((await run(539)).kind).toBe("again");
    see(listed);
    expect((await run(540)).kind).toBe("again");
    expect((await run(600)).kind).toBe("again");
    expect((await run(1_139)).kind).toBe("again");
    expect(context.state().notes["soak"]?.sentence).toContain(at(1_140));
    expect(await run(1_140)).toMatchObject({
      kind: "done",
      sentence: expect.stringMatching(/lists the new credential/),
    });
    expect(scene.rotation().steps["soak"]?.notes["listed"]?.at).toBe(at(540));
  });

  it("begins anew when an address shows an older list again", async () => {
    const { run, see } = stepOf("soak");
    see(listed);
    await run(0);
    see(missing);
    await run(300);
    see(listed);
    await run(301);
    expect((await run(600)).kind).toBe("again");
    expect((await run(901)).kind).toBe("done");
  });

  it("does not begin anew for an address that did not answer, and does not end before it does", async () => {
    const { run, see } = stepOf("soak");
    see(listed);
    await run(0);
    see(silent);
    expect((await run(600)).kind).toBe("again");
    see(listed);
    expect((await run(601)).kind).toBe("done");
  });

  it("fails when an address goes on without the key for longer than caches may keep the list, a person's look counted anew", async () => {
    const { run, see, context } = stepOf("soak");
    see(missing);
    await run(0);
    expect((await run(619)).kind).toBe("again");
    expect(await run(620)).toMatchObject({ kind: "failed", reason: { code: "not_listed_everywhere" } });
    await context.record([{ type: "unblocked", by: { kind: "engine", id: "keyturn" }, verb: "look-again" }]);
    expect((await run(621)).kind).toBe("again");
  });

  it("asks a person when an address does not answer at all", async () => {
    const { run, see } = stepOf("soak");
    see(silent);
    await run(0);
    expect((await run(899)).kind).toBe("again");
    expect(await run(900)).toMatchObject({ kind: "blocked", reason: { code: "cannot_look" } });
  });

  it("where nothing is listed anywhere it is no more than a look, both ways", async () => {
    for (const id of ["soak", "back-soak"]) {
      const { context } = sceneOf(planOf({ overlap: "accept-first", triedAt: "consumer" }), id, []);
      expect(await runSoak(context)).toEqual({ kind: "done", sentence: "no cache to wait for" });
    }
  });

  it("on the way back asks for the old key", async () => {
    const { run, asked, see } = stepOf("back-soak");
    see(listed);
    await run(0);
    expect((await run(599)).kind).toBe("again");
    expect(await run(600)).toMatchObject({ kind: "done", sentence: expect.stringMatching(/lists the old credential/) });
    expect(new Set(asked)).toEqual(new Set(["app_a"]));
  });
});

describe("the accept test on the way back", () => {
  it("asks for the old credential only: the new one may be why it goes back", async () => {
    const { scene, context } = sceneOf(planWithSoak(), "back-accept", []);
    scene.trial = (slot) => (slot === "pending" ? { verdict: "refused", code: "401" } : { verdict: "accepted", ms: 1 });
    expect(await runAccept(context)).toMatchObject({
      kind: "done",
      sentence: "every instance accepts the old credential again, beside the new one",
    });
    scene.trial = () => ({ verdict: "refused", code: "401" });
    expect((await runAccept(context)).kind).toBe("again");
  });
});

function planWithSoak(): Plan {
  const plan = planOf({ overlap: "accept-first", triedAt: "consumer" });
  return { ...plan, rotator: { ...plan.rotator, soakMs } };
}

/** The step at a time of the test's choosing, with the answer of all public addresses in its hands. */
function stepOf(id: string) {
  const { scene, context } = sceneOf(planWithSoak(), id, []);
  let answer: Trial = listed;
  const asked: string[] = [];
  const issuer = async () => ({
    ...(await context.open.issuer()),
    listedEverywhere: async ({ ref }: { readonly ref: { readonly principal: string } }) => {
      asked.push(ref.principal);
      return answer;
    },
  });
  const seeing = { ...context, open: { ...context.open, issuer } };
  const run = async (seconds: number) => {
    scene.seconds = seconds;
    return await runSoak(seeing);
  };
  const see = (next: Trial): void => {
    answer = next;
  };
  return { scene, context, run, see, asked };
}
