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

describe.concurrent("what is known of the current credential", { timeout: 180_000 }, () => {
  it("none: the first rotation adds our keys, and there is nothing to retire", async () => {
    const story = await tell({ server, mode: "two users", hasValue: false });
    const rotation = await story.drive(await story.request());

    expect(rotation.ended, report(rotation)).toMatchObject({ status: "done" });
    expect(rotation.present).toBe("none");
    expect(Object.keys(rotation.steps)).not.toContain("revoke");
    expect(await logIn("redis", await story.url())).toBe("accepted");
    expect(story.app.urlOf("two")).toBe(await story.url());
    await story.end();
  });

  it("none: the way back removes our keys and the new credential", async () => {
    const story = await tell({ server, mode: "two passwords", hasValue: false });
    const id = await story.request();
    let published = "";
    await story.drive(id, {
      after: "rollout",
      between: async () => {
        published = await story.url();
      },
    });
    expect(await story.press(id, "roll-back")).toBe("ok");
    const rotation = await story.drive(id);

    expect(rotation.ended, report(rotation)).toMatchObject({ status: "rolled_back", leftovers: [] });
    expect(await story.env()).toBe("# the shop\nOTHER=stays # as it is\n");
    expect(story.app.urlOf("one")).toBe("");
    expect(await logIn("redis", published)).toBe("WRONGPASS");
    await story.end();
  });

  it("broken: the rotation mends it, and calls the end of the old one unproved", async () => {
    const story = await tell({ server, mode: "two passwords" });
    await story.edit((text) => text.replace(story.firstPassword, "not-the-password-at-all"));
    const rotation = await story.drive(await story.request());

    expect(rotation.ended, report(rotation)).toMatchObject({ status: "done" });
    expect(rotation.present).toBe("broken");
    expect(rotation.steps["prove"]?.sentence).toMatch(/^unproved: /);
    expect(await logIn("redis", await story.url())).toBe("accepted");
    await story.end();
  });

  it("broken: a failure holds instead of going back to what does not work", async () => {
    const story = await tell({ server, mode: "two passwords", switch: true });
    await story.edit((text) => text.replace(story.firstPassword, "not-the-password-at-all"));
    const rotation = await story.drive(await story.request(), {
      between: (now) => {
        story.app.red = now.steps["rollout"]?.status === "done";
      },
    });

    expect(rotation.block?.reason, report(rotation)).toMatchObject({ code: "check_red" });
    expect(rotation.direction).toBe("forward");
    await story.end();
  });

  it("unknown: a value that does not have the template's shape is refused with the finding, and no card is made", async () => {
    const story = await tell({ server, mode: "two passwords" });
    await story.edit((text) => text.replace(/SHOP_URL=.*/, "SHOP_URL=from-the-vault"));
    await expect(story.request()).rejects.toThrow(/current_unknown/);
    expect(await story.state.list({ open: true })).toEqual([]);
    await story.end();
  });

  it("red before: a check that is red is listed, accepted with the approval, and must later be no worse", async () => {
    const story = await tell({ server, mode: "two passwords", switch: true });
    story.app.red = true;
    const rotation = await story.drive(await story.request());

    expect(rotation.plan.red).toEqual([expect.stringMatching(/\/switch$/)]);
    expect(rotation.ended, report(rotation)).toMatchObject({ status: "done" });
    await story.end();
  });

  it("stale: a credential that changed between the vote and step 1 stops the rotation with nothing changed", async () => {
    const story = await tell({ server, mode: "two passwords" });
    const id = await story.request();
    await story.edit((text) => text.replace(story.firstPassword, "changed-by-somebody-else"));
    const changed = await story.env();
    const rotation = await story.drive(id);

    expect(rotation.ended, report(rotation)).toMatchObject({ status: "rolled_back" });
    expect(rotation.ended?.sentence).toMatch(/^stopped before anything was changed/);
    expect(Object.keys(rotation.steps)).toEqual(["preflight"]);
    expect(await story.env()).toBe(changed);
    await story.end();
  });
});
