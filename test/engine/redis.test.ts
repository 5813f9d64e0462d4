import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rootUser } from "../rotators/redis-acl/world.ts";
import { type Redis, startRedis } from "../servers/redis.ts";
import { sealedValues } from "./canary.ts";
import { logIn, openSession } from "./light-app.ts";
import { report, tell } from "./story.ts";

let server: Redis;
beforeAll(async () => {
  server = await startRedis({ users: [rootUser, "default off"] });
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
});

describe.concurrent("redis-acl, from request to proof", { timeout: 180_000 }, () => {
  it.each(["two passwords", "two users"] as const)(
    "%s: ends done, with no refused login and the old one dead",
    async (mode) => {
      const story = await tell({ server, mode });
      const before = await story.url();
      const rotation = await story.drive(await story.request());

      expect(rotation.ended, report(rotation)).toMatchObject({ status: "done", leftovers: [] });
      expect(rotation.steps["prove"]?.sentence).toMatch(/^proved: old credential refused \(WRONGPASS/);
      expect(await logIn("redis", before)).toBe("WRONGPASS");
      expect(await logIn("redis", await story.url())).toBe("accepted");
      expect(story.app.counts.refused).toBe(0);
      expect(await story.env()).toMatch(/^# the shop\nSHOP_URL=.*\nOTHER=stays # as it is\n$/);
      await story.end();
    },
  );
});

describe.concurrent("the way back of redis-acl", { timeout: 180_000 }, () => {
  it.each([
    ["two passwords", "issue"],
    ["two passwords", "publish"],
    ["two passwords", "verify"],
    ["two passwords", "disable"],
    ["two users", "issue"],
    ["two users", "rollout"],
    ["two users", "disable"],
  ] as const)("%s, taken after %s: the old one works throughout, the new one is gone", async (mode, last) => {
    const story = await tell({ server, mode, watchMs: 3_000 });
    const before = await story.env();
    const old = await story.url();
    const stays = await openSession("redis", old, "127.0.0.9");
    await longBefore();
    const id = await story.request();
    await story.drive(id, { after: last });
    const [published] = (await sealedValues(story.state, id)).filter(
      (value) => value.startsWith("redis:") && value !== old,
    );
    expect(await story.press(id, "roll-back")).toBe("ok");
    const rotation = await story.drive(id);

    expect(rotation.ended, report(rotation)).toMatchObject({ status: "rolled_back", leftovers: [] });
    expect(await story.url()).toBe(old);
    expect(otherLines(await story.env())).toEqual(otherLines(before));
    expect(await logIn("redis", old)).toBe("accepted");
    expect(published === undefined).toBe(last === "issue");
    if (published !== undefined) expect(await logIn("redis", published)).toBe("WRONGPASS");
    expect(story.app.counts.refused).toBe(0);
    if (typeof stays !== "string") stays.close();
    await story.end();
  });
});

/** Redis tells ages in whole seconds: a session this much older than the new password cannot be taken for one of its users. */
async function longBefore(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 4_000));
}

function otherLines(text: string): readonly string[] {
  return text.split("\n").filter((line) => !line.startsWith("SHOP_URL="));
}
