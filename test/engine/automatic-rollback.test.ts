import { appendFileSync, existsSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rootUser } from "../rotators/redis-acl/world.ts";
import { type Redis, startRedis } from "../servers/redis.ts";
import { logIn } from "./light-app.ts";
import { report, tell } from "./story.ts";

let server: Redis;
beforeAll(async () => {
  server = await startRedis({ users: [rootUser, "default off"] });
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
});

describe.concurrent("a verification failure before the point of no return", { timeout: 180_000 }, () => {
  it("takes the way back by itself when the application rejects the new value", async () => {
    const story = await tell({ server, mode: "two users" });
    const before = await story.url();
    story.app.rejects = (url) => url !== before;
    let published = before;
    const rotation = await story.drive(await story.request(), {
      between: async (now) => {
        if (now.direction === "forward") published = await story.url();
      },
    });

    expect(published).not.toBe(before);
    expect(rotation.turnedBack, report(rotation)).toMatchObject({
      by: { kind: "engine" },
      reason: { code: "check_red" },
    });
    expect(rotation.ended, report(rotation)).toMatchObject({ status: "rolled_back", leftovers: [] });
    expect(await story.url()).toBe(before);
    expect([await logIn("redis", before), await logIn("redis", published)]).toEqual(["accepted", "WRONGPASS"]);
    await story.end();
  });

  it("takes it when authentication errors appear in the logs although health stays green", async () => {
    const story = await tell({ server, mode: "two passwords" });
    const before = await story.url();
    const rotation = await story.drive(await story.request(), {
      between: (now) => {
        if (now.direction === "back" || now.steps["rollout"]?.status !== "done") return;
        const line = `${new Date().toISOString()} ERROR auth error in the worker pool\n`;
        appendFileSync(join(story.folder, "one.log"), line.repeat(3));
      },
    });

    expect(rotation.turnedBack?.reason, report(rotation)).toMatchObject({
      code: "check_red",
      sentence: expect.stringContaining("auth error in the worker pool"),
    });
    expect(rotation.ended, report(rotation)).toMatchObject({ status: "rolled_back" });
    expect(await story.url()).toBe(before);
    await story.end();
  });

  it("stops and waits for a person where the policy says hold, and goes back when one asks", async () => {
    const story = await tell({ server, mode: "two passwords", policy: "onFailure: hold", switch: true });
    const before = await story.url();
    const id = await story.request();
    const stopped = await story.drive(id, {
      between: (now) => {
        story.app.red = now.steps["rollout"]?.status === "done";
      },
    });

    expect(stopped.block?.reason, report(stopped)).toMatchObject({ code: "check_red" });
    expect(stopped.turnedBack).toBeUndefined();
    expect(await story.url()).not.toBe(before);

    story.app.red = false;
    expect(await story.press(id, "roll-back")).toBe("ok");
    const rotation = await story.drive(id);
    expect(rotation.ended, report(rotation)).toMatchObject({ status: "rolled_back" });
    expect(await story.url()).toBe(before);
    await story.end();
  });

  it("takes it when the reload of an instance goes on failing: the others do not wait on two values", async () => {
    const story = await tell({ server, mode: "two users", within: "4s" });
    const before = await story.url();
    const door = join(story.folder, "two.reload");
    rmSync(door);
    symlinkSync("/nonexistent/door", door);
    const rotation = await story.drive(await story.request(), {
      between: (now) => {
        if (now.direction !== "back" || existsSync(door)) return;
        rmSync(door);
        appendFileSync(door, "");
      },
    });

    expect(rotation.turnedBack, report(rotation)).toMatchObject({
      by: { kind: "engine" },
      reason: { code: "reload_failed", sentence: expect.stringContaining("the reload of two ended with 1") },
    });
    expect(rotation.ended, report(rotation)).toMatchObject({ status: "rolled_back", leftovers: [] });
    expect([story.app.urlOf("one"), story.app.urlOf("two")]).toEqual([before, before]);
    await story.end();
  });

  it("leaves a leaked rotation open, because the leaked credential is valid again", async () => {
    const story = await tell({ server, mode: "two passwords", switch: true });
    const before = await story.url();
    const id = await story.request(true);
    const rotation = await story.drive(id, {
      between: (now) => {
        story.app.red = now.direction === "forward" && now.steps["rollout"]?.status === "done";
      },
    });

    expect(rotation.turnedBack?.by.kind, report(rotation)).toBe("engine");
    expect(rotation.ended).toBeUndefined();
    expect(rotation.block?.reason).toMatchObject({ code: "leaked_still_valid" });
    expect(await story.url()).toBe(before);
    await story.end();
  });
});
