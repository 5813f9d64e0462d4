import { describe, expect, it } from "vitest";
import { z } from "zod";
import { startTraffic } from "../../sandbox/world/token-traffic.ts";
import type { TokenWorld } from "../../sandbox/world/token-world.ts";
import type { StoredEvent } from "../../src/core/events.ts";
import type { Rotation } from "../../src/core/rotation.ts";
import { elapsedMs } from "../../src/core/time.ts";
import { milestone } from "../../src/views/milestone.ts";
import { irreversible, runbook } from "../../src/views/runbook.ts";
import type { Stage } from "./stage.ts";
import { everywhere, tellTokens, told } from "./token-story.ts";

const everybody = /everybody logs in again, and API tokens that were signed with it die too/;

describe("signing-key, all-out", { timeout: 400_000 }, () => {
  it("says beforehand that everybody logs in again and that API tokens die, and how long refusals were possible after it", async () => {
    await using story = await tell({ notice: "2s" });
    const before = await logIn(story.world, "api-1");
    const traffic = startTraffic(story.world, { requestsPerSecond: 100, longLived: 5 });
    const id = await story.stage.approved();
    const { plan } = await story.stage.rotation(id);
    expect(irreversible(plan)).toMatch(everybody);
    expect(JSON.stringify(runbook(plan))).toMatch(everybody);
    const rotation = await story.stage.drive(id);
    const counts = await traffic.stop();

    expect(rotation.ended, told(rotation)).toMatchObject({ status: "done", leftovers: [] });
    expect(await threadOf(story.stage, rotation, "cut")).toMatch(everybody);
    const accepted = (await story.stage.state.notices.accepted(id, "cut")) ?? "";
    const reloads = Object.values(rotation.steps["rollout"]?.effects ?? {});
    for (const { intendedAt } of reloads) expect(elapsedMs(accepted, intendedAt)).toBeGreaterThanOrEqual(2_000);
    const [, measured = ""] =
      /refusals were possible for ([\d.]+) s \(announced: at most 120 s\)$/.exec(
        rotation.steps["rollout"]?.sentence ?? "",
      ) ?? [];
    expect(Number(measured)).toBeGreaterThan(0);
    expect(Number(measured)).toBeLessThanOrEqual(120);
    expect(rotation.steps["prove"]?.sentence).toMatch(/^proved: old credential refused \(401/);

    expect(counts.refusedTokens).toBeGreaterThan(0);
    expect(counts.refusedLongLived).toBeGreaterThan(0);
    expect(await statuses(story.world, before)).toEqual([401, 401]);
    for (const { id } of story.world.issuer.instances) {
      expect(await statuses(story.world, await logIn(story.world, id))).toEqual([200, 200]);
    }
    const later = startTraffic(story.world, { requestsPerSecond: 100 });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect((await later.stop()).refused).toBe(0);
  });

  it("waits for its window with nothing changed, and the full policy may say now", async () => {
    const retire = { between: `${dayAfterTomorrow()} 00:00-24:00`, zone: "UTC" };
    await using story = await tell({ retire });
    const before = await story.world.values();
    const traffic = startTraffic(story.world, { requestsPerSecond: 50 });
    const id = await story.stage.approved();
    const shut = (now: Rotation) =>
      now.steps["announce"]?.notes["gates"]?.key.startsWith("shut:window; not before") === true;
    const waiting = await story.stage.drive(id, shut);
    expect(waiting.steps["announce"]?.notes["gates"]?.sentence).toMatch(/^waiting: outside .*; not before 20\d\d-/);
    expect(await threadOf(story.stage, waiting, "cut")).toContain(retire.between);
    expect(Object.keys(waiting.steps)).toEqual(["announce"]);
    expect(await story.world.values()).toEqual(before);
    expect(traffic.counts().refused).toBe(0);

    for (const user of ["U-ada", "U-lin"]) {
      const asker = { kind: "slack", id: user, team: "T1" } as const;
      const answer = await story.stage.desk.override({ rotationId: id, asker, verb: "retire-now", digest: undefined });
      expect(answer.kind).toBe("ok");
    }
    const rotation = await story.stage.drive(id);
    await traffic.stop();
    expect(rotation.ended, told(rotation)).toMatchObject({ status: "done" });
    expect(await story.world.values()).not.toEqual(before);
  });
});

function tell(options: { readonly notice?: string; readonly retire?: object }) {
  return tellTokens({
    instances: 2,
    ...options,
    target: (world) => ({
      rotator: {
        kind: "signing-key",
        mode: "all-out",
        restart: "120s",
        clockSkew: "200ms",
        accept: [{ urls: everywhere(world, "/canary") }],
      },
      values: { JWT_SECRET: "{{key}}" },
    }),
  });
}

/** What the thread says of the event that announces, as notifications show it. */
async function threadOf({ state }: Stage, rotation: Rotation, topic: string): Promise<string> {
  const isIt = ({ event }: StoredEvent) => event.type === "noted" && event.topic === topic;
  const found = (await state.load(rotation.id)).find(isIt);
  const around = { rotation, mention: () => undefined, auditHead: "" };
  return found === undefined ? "" : (milestone(found, around)?.text ?? "");
}

/** A token of this instance that lives an hour. */
async function logIn({ issuer }: TokenWorld, id: string): Promise<string> {
  const url = issuer.instances.find((instance) => instance.id === id)?.url ?? "";
  const body = JSON.stringify({ user: "ada", lifeMs: 3_600_000 });
  const answer = await fetch(`${url}/login`, { method: "POST", body });
  return z.object({ token: z.string() }).parse(await answer.json()).token;
}

/** How each instance answers to it. */
async function statuses(world: TokenWorld, token: string): Promise<readonly number[]> {
  const headers = { authorization: `Bearer ${token}` };
  return Promise.all(everywhere(world, "/me").map(async (url) => (await fetch(url, { headers })).status));
}

function dayAfterTomorrow(): string {
  const day = (new Date().getUTCDay() + 2) % 7;
  return ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][day] ?? "";
}
