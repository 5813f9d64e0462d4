import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDesk } from "../../src/core/desk/open-desk.ts";
import type { Directory } from "../../src/core/engine-ports.ts";
import { TryLater } from "../../src/core/errors.ts";
import { rootUser } from "../rotators/redis-acl/world.ts";
import { type Redis, startRedis } from "../servers/redis.ts";
import { people } from "./stage.ts";
import { ada, lin, olivia, report, type Story, tell } from "./story.ts";

let server: Redis;
beforeAll(async () => {
  server = await startRedis({ users: [rootUser, "default off"] });
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
});

const without = (gone: string): Directory => ({
  members: ({ label }) =>
    Promise.resolve(label === "@leads" ? ["U-lea"] : (people[label] ?? []).filter((id) => id !== gone)),
});
const silent: Directory = {
  members: () => Promise.reject(new TryLater("slack_down", "Slack does not answer", { afterMs: 200 })),
};

describe.concurrent("who may, looked at when it counts", { timeout: 180_000 }, () => {
  it("an approver who left the group between the vote and step 1 counts no more, and nothing is changed", async () => {
    const story = await tell({ server, mode: "two passwords" });
    const before = await story.env();
    const id = await story.request();
    const rotation = await story.drive(id, { directory: without("U-lin") });

    expect(rotation.phase, report(rotation)).toBe("pending");
    expect((await story.drive(id, { until: ({ phase }) => phase === "approved", after: "preflight" })).phase).toBe(
      "approved",
    );
    expect(await story.env()).toBe(before);
    await story.end();
  });

  it("and is looked at once more after the approval was recorded", async () => {
    const story = await tell({ server, mode: "two passwords" });
    const before = await story.env();
    const id = await story.request();
    let asked = 0;
    const leaves: Directory = {
      members: (group, wanted) => {
        asked += 1;
        return asked <= 2 ? without("").members(group, wanted) : without("U-lin").members(group, wanted);
      },
    };
    const rotation = await story.drive(id, { directory: leaves });

    expect(rotation.ended, report(rotation)).toMatchObject({ status: "cancelled", leftovers: [] });
    expect((await story.events(id)).map(({ type }) => type)).toEqual(["requested", "approved", "cancelled", "ended"]);
    expect(await story.env()).toBe(before);
    await story.end();
  });

  it("while Slack cannot say who may, it is tried later; when the approval expires, it is over", async () => {
    const story = await tell({ server, mode: "two passwords" });
    const id = await story.request();
    let asked = 0;
    const falls: Directory = {
      members: (group, wanted) => {
        asked += 1;
        return asked <= 2 ? without("").members(group, wanted) : silent.members(group, wanted);
      },
    };
    const hourLater = async () => {
      const now = await story.state.now();
      return asked > 5 ? new Date(Date.parse(now) + 3_600_000).toISOString() : now;
    };
    const rotation = await story.drive(id, { directory: falls, state: { ...story.state, now: hourLater } });

    expect(asked).toBeGreaterThan(5);
    expect(rotation.ended, report(rotation)).toMatchObject({ status: "cancelled" });
    expect((await story.events(id)).map(({ type }) => type)).toEqual(["requested", "approved", "expired", "ended"]);
    await story.end();
  });

  it("nobody may anything while Slack is silent, and the refusal says so", async () => {
    const story = await tell({ server, mode: "two passwords" });
    const id = await story.request();
    const desk = openDesk({ ...story.deps, directory: silent });
    const target = { secret: "redis", environment: "test", leaked: false, asker: olivia };
    expect(await desk.preview(target)).toMatchObject({ kind: "refused", refusal: { code: "slack_down" } });
    const press = await desk.press({ rotationId: id, asker: ada, verb: "hold", detail: "", onceKey: "x" });
    expect(press).toMatchObject({ kind: "refused", refusal: { code: "slack_down" } });
    const override = await desk.override({ rotationId: id, asker: ada, verb: "abandon", digest: undefined });
    expect(override).toMatchObject({ kind: "refused" });
    await story.end();
  });

  it("votes inserted by SQL start nothing", async () => {
    const story = await tell({ server, mode: "two passwords" });
    const real = await story.request();
    const id = await requestOnly(story);
    await story.database.query(
      `INSERT INTO keyturn.votes SELECT (jsonb_populate_record(v, jsonb_build_object('rotation_id', $1::text, 'digest', r.digest))).*
       FROM keyturn.votes v, (SELECT $2::text AS digest) r WHERE v.rotation_id = $3`,
      [id, (await story.rotation(id)).digest, real],
    );
    const rows = await story.database.query("SELECT 1 FROM keyturn.votes WHERE rotation_id = $1", [id]);
    const rotation = await story.drive(id);

    expect(rows).toHaveLength(2);
    expect(rotation.phase, report(rotation)).toBe("pending");
    await story.end();
  });

  it("the only on-call as requester is told at once: the missing line is named and its other group offered", async () => {
    const story = await tell({ server, mode: "two passwords" });
    const desk = openDesk({ ...story.deps, directory: without("U-lin") });
    const asked = await desk.request({
      secret: "redis",
      environment: "test",
      leaked: false,
      because: "",
      asker: olivia,
      origin: { channel: "C1", postable: true },
      onceKey: "first",
    });

    expect(asked).toMatchObject({ kind: "refused", refusal: { code: "not_approvable" } });
    const refusal = asked.kind === "refused" ? asked.refusal : undefined;
    expect(refusal?.sentence).toContain("@oncall (1 needed)");
    expect(refusal?.hint).toContain("@leads");
    expect(await story.state.list({ open: true })).toEqual([]);
    await story.end();
  });

  it("the requester's own vote, and the terminal's, do not count", async () => {
    const story = await tell({ server, mode: "two passwords" });
    const id = await requestOnly(story);
    const { digest } = await story.rotation(id);
    const vote = (asker: Parameters<Story["desk"]["vote"]>[0]["asker"]) =>
      story.desk.vote({ rotationId: id, asker, decision: "approve", digest, because: "" });
    expect(await vote(olivia)).toMatchObject({ kind: "refused", refusal: { code: "own_request" } });
    expect(await vote({ kind: "os", id: "U-ada", team: "" })).toMatchObject({
      kind: "refused",
      refusal: { code: "terminal_proves_nobody" },
    });
    expect(await vote({ ...ada, id: "U-nobody" })).toMatchObject({
      refusal: { code: "may_not_approve", who: ["@security", "@oncall"] },
    });
    expect(await vote(ada)).toMatchObject({ kind: "ok" });
    expect(await vote(ada)).toMatchObject({ kind: "refused", refusal: { code: "voted_already" } });
    expect((await story.drive(id)).phase).toBe("pending");
    await story.end();
  });
});

describe.concurrent("what people can do with a rotation", { timeout: 180_000 }, () => {
  it("abandon needs the full policy, closes it, and lists every credential that is left alive", async () => {
    const story = await tell({ server, mode: "two users", policy: "onFailure: hold", switch: true });
    const id = await story.request();
    const stopped = await story.drive(id, {
      between: (now) => {
        story.app.red = now.steps["rollout"]?.status === "done";
      },
    });
    expect(stopped.block, report(stopped)).toBeDefined();
    const first = await story.desk.override({ rotationId: id, asker: ada, verb: "abandon", digest: undefined });
    expect(first).toMatchObject({ kind: "ok", sentence: expect.stringContaining("1 of @oncall") });
    expect((await story.drive(id)).ended).toBeUndefined();
    await story.desk.override({ rotationId: id, asker: lin, verb: "abandon", digest: first.digest });
    const rotation = await story.drive(id);

    expect(rotation.ended).toMatchObject({ status: "closed" });
    expect(rotation.ended?.leftovers.map(({ ref }) => ref.principal)).toEqual(story.principals);
    await story.end();
  });

  it("a hold stops before the next step, and asks for somebody when it has lasted too long", async () => {
    const story = await tell({ server, mode: "two passwords", policy: "hold: 1s" });
    const id = await story.request();
    await story.drive(id, { after: "issue" });
    expect(await story.press(id, "hold")).toBe("ok");
    const held = await story.drive(id);
    expect([held.hold?.by.id, Object.keys(held.steps)]).toEqual(["U-ada", ["preflight", "issue"]]);
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    await story.drive(id);
    await story.drive(id);
    const told = (await story.loud(id)).filter((sentence) => sentence.includes("held longer than the policy allows"));
    expect(told).toHaveLength(1);

    expect(await story.press(id, "resume")).toBe("ok");
    expect((await story.drive(id)).ended).toMatchObject({ status: "done" });
    await story.end();
  });

  it("after the end, and after the point of no return, a press is answered and changes nothing", async () => {
    const story = await tell({ server, mode: "two passwords" });
    const id = await story.request();
    await story.drive(id, { after: "revoke" });
    expect(await story.press(id, "roll-back")).toBe("ok");
    await expect(story.agree(id, "roll-back")).rejects.toThrow(/no_way_back/);
    const rotation = await story.drive(id);
    expect(rotation.ended, report(rotation)).toMatchObject({ status: "done" });
    expect((await story.events(id)).filter(({ type }) => type === "refused")).toEqual([
      expect.objectContaining({ verb: "roll-back", reason: expect.objectContaining({ code: "no_way_back" }) }),
    ]);
    expect(await story.press(id, "hold")).toBe("ended");
    await story.end();
  });
});

async function requestOnly(story: Story): Promise<string> {
  const desk = openDesk(story.deps);
  const asked = await desk.request({
    secret: "redis",
    environment: "test",
    leaked: true,
    because: "",
    asker: olivia,
    origin: { channel: "C1", postable: true },
    onceKey: Math.random().toString(),
  });
  if (asked.kind === "refused") throw new Error(JSON.stringify(asked.refusal));
  return asked.rotationId;
}
