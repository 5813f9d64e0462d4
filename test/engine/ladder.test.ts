import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rootUser } from "../rotators/redis-acl/world.ts";
import { type Redis, startRedis } from "../servers/redis.ts";
import { logIn, openSession } from "./light-app.ts";
import { report, tell } from "./story.ts";

let server: Redis;
beforeAll(async () => {
  server = await startRedis({ users: [rootUser, "default off"], config: ["acllog-max-len 1000"] });
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
});

describe.concurrent("the ladder: disable, watch, revoke", { timeout: 180_000 }, () => {
  it("a refused instance of the plan is named, and the old one enabled again three times by itself, then a person decides", async () => {
    const story = await tell({ server, mode: "two users" });
    const old = await story.url();
    const id = await story.request();
    const tries: string[] = [];
    let stop = false;
    const laggard = (async () => {
      while (!stop) {
        tries.push(await logIn("redis", old));
        await new Promise((resolve) => setTimeout(resolve, 60));
      }
    })();
    const stopped = await story.drive(id);

    expect(stopped.block?.reason, report(stopped)).toMatchObject({ code: "laggard" });
    expect(stopped.block?.reason.sentence).toMatch(/^one or two was refused with the old credential \(127\.0\.0\.1\)/);
    expect((await story.events(id)).filter(({ type }) => type === "rewound")).toHaveLength(2);
    expect(tries).toContain("WRONGPASS");
    expect(await logIn("redis", old)).toBe("accepted");

    stop = true;
    await laggard;
    expect(await story.press(id, "look-again")).toBe("ok");
    const rotation = await story.drive(id);
    expect(rotation.ended, report(rotation)).toMatchObject({ status: "done" });
    expect(await logIn("redis", old)).toBe("WRONGPASS");
    expect(story.app.counts.refused).toBe(0);
    await story.end();
  });

  it("the way back after an enable-again finds the old one enabled, and leaves it so", async () => {
    const story = await tell({ server, mode: "two passwords" });
    const old = await story.url();
    const id = await story.request();
    await story.drive(id, { after: "disable" });
    expect(await logIn("redis", old)).toBe("WRONGPASS");
    await story.drive(id, { until: ({ enabledAgain }) => enabledAgain === 1, after: "recheck" });
    expect((await story.rotation(id)).enabledAgain).toBe(1);
    expect(await story.press(id, "roll-back")).toBe("ok");
    const rotation = await story.drive(id);

    expect(rotation.ended, report(rotation)).toMatchObject({ status: "rolled_back" });
    expect([await logIn("redis", old), await story.url()]).toEqual(["accepted", old]);
    await story.end();
  });

  it("a stranger with a wrong password and a stranger with the old one cause a warning and nothing else", async () => {
    const story = await tell({ server, mode: "two passwords", watchMs: 2_000 });
    const old = await story.url();
    const id = await story.request();
    await story.drive(id, { after: "disable" });
    const wrong = old.replace(story.firstPassword, "never-was-a-password");
    expect([await logIn("redis", wrong, "127.0.0.3"), await logIn("redis", old, "127.0.0.2")]).toEqual([
      "WRONGPASS",
      "WRONGPASS",
    ]);
    const rotation = await story.drive(id);

    expect(rotation.ended, report(rotation)).toMatchObject({ status: "done" });
    expect(rotation.enabledAgain).toBe(0);
    expect(await story.loud(id)).toContainEqual(expect.stringMatching(/not in the plan was refused \(127\.0\.0\.[23]/));
    await story.end();
  });

  it("connections older than the publish are named, and closed one at a time inside the watch", async () => {
    const story = await tell({ server, mode: "two passwords", watchMs: 2_000 });
    const old = await story.url();
    const sessions = [await openSession("redis", old, "127.0.0.4"), await openSession("redis", old, "127.0.0.5")];
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    const id = await story.request();
    const disabled = await story.drive(id, { after: "disable" });
    const named = disabled.steps["idle"]?.notes["uses"]?.sentence;
    expect(named, report(disabled)).toEqual(expect.stringContaining("127.0.0.4"));
    expect(named).toEqual(expect.stringContaining("127.0.0.5"));
    const rotation = await story.drive(id);

    expect(rotation.ended, report(rotation)).toMatchObject({ status: "done" });
    for (const session of sessions) {
      if (typeof session === "string") throw new Error(session);
      await session.ended;
    }
    const closed = (await story.events(id)).flatMap((event) =>
      event.type === "outcome" && event.effect.startsWith("close:") ? [event.step] : [],
    );
    expect(closed).toEqual(["watch", "watch"]);
    await story.end();
  });

  it("leaked: there is no grace, and nothing is enabled again by itself", async () => {
    const story = await tell({ server, mode: "two passwords", graceMs: 3_600_000, noticeMs: 3_600_000 });
    const old = await story.url();
    const id = await story.request(true);
    const disabled = await story.drive(id, { after: "disable", notices: false });
    expect(disabled.steps["disable"]?.status, report(disabled)).toBe("done");
    await logIn("redis", old);
    const stopped = await story.drive(id);

    expect(stopped.block?.reason, report(stopped)).toMatchObject({ code: "laggard_on_leaked" });
    expect(await logIn("redis", old)).toBe("WRONGPASS");
    expect(stopped.enabledAgain).toBe(0);

    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect(await story.press(id, "look-again")).toBe("ok");
    const rotation = await story.drive(id);
    expect(rotation.ended, report(rotation)).toMatchObject({ status: "done" });
    await story.end();
  });

  it("leaked: after disable one person cannot roll back; the full policy can, and the rotation stays open", async () => {
    const story = await tell({ server, mode: "two passwords", watchMs: 3_000 });
    const old = await story.url();
    const id = await story.request(true);
    await story.drive(id, { after: "disable" });
    expect(await story.press(id, "roll-back")).toBe("needs_full_policy");
    await story.agree(id, "roll-back");
    const rotation = await story.drive(id);

    expect(rotation.direction, report(rotation)).toBe("back");
    expect(rotation.block?.reason, report(rotation)).toMatchObject({ code: "leaked_still_valid" });
    expect(await logIn("redis", old)).toBe("accepted");
    await story.end();
  });

  it("a check that turns red inside the watch enables the old one again", async () => {
    const story = await tell({ server, mode: "two passwords", switch: true, watchMs: 2_000 });
    const id = await story.request();
    await story.drive(id, { after: "disable" });
    story.app.red = true;
    const rotation = await story.drive(id, {
      between: (now) => {
        story.app.red = now.enabledAgain === 0;
      },
    });

    expect(rotation.ended, report(rotation)).toMatchObject({ status: "done" });
    expect(rotation.enabledAgain).toBe(1);
    await story.end();
  });
});

describe.concurrent("the gates before the ladder", { timeout: 180_000 }, () => {
  it("while Slack does not accept the notice nothing is disabled, and at graceMax a person is asked", async () => {
    const story = await tell({ server, mode: "two passwords", graceMaxMs: 4_000 });
    const old = await story.url();
    const id = await story.request();
    const stopped = await story.drive(id, { notices: false });

    expect(stopped.block?.reason, report(stopped)).toMatchObject({ code: "gates_stay_shut" });
    expect(stopped.block?.reason.sentence).toContain("Slack has not accepted the notice yet");
    expect(Object.keys(stopped.steps)).not.toContain("disable");
    expect(await logIn("redis", old)).toBe("accepted");

    await story.state.notices.accept(id, "retire");
    await story.press(id, "look-again");
    const rotation = await story.drive(id);
    expect(rotation.ended, report(rotation)).toMatchObject({ status: "done" });
    await story.end();
  });

  it("the notice must have been accepted long enough before", async () => {
    const story = await tell({ server, mode: "two passwords", noticeMs: 4_000 });
    const id = await story.request();
    const rotation = await story.drive(id);

    expect(rotation.ended, report(rotation)).toMatchObject({ status: "done" });
    const accepted = await story.state.notices.accepted(id, "retire");
    const disabled = rotation.steps["disable"]?.effects["disable"]?.intendedAt;
    expect(Date.parse(disabled ?? "") - Date.parse(accepted ?? "")).toBeGreaterThanOrEqual(4_000);
    await story.end();
  });

  it("outside the retire window it waits without being blocked; the full policy retires now", async () => {
    const policy = `retire: { between: "${dayFromNow(3)} 09:00-16:00", zone: UTC }`;
    const story = await tell({ server, mode: "two passwords", policy, graceMaxMs: 1_000 });
    const id = await story.request();
    const waiting = await story.drive(id, { until: ({ steps }) => steps["recheck"]?.notes["gates"] !== undefined });
    const still = await story.drive(id, { until: turns(8) });
    expect(waiting.steps["recheck"]?.notes["gates"]?.sentence, report(waiting)).toContain("outside");
    expect(still.block, report(still)).toBeUndefined();
    expect(Object.keys(still.steps)).not.toContain("disable");

    await story.agree(id, "retire-now");
    const rotation = await story.drive(id);
    expect(rotation.ended, report(rotation)).toMatchObject({ status: "done" });
    const overrides = (await story.events(id)).filter(({ type }) => type === "overridden");
    expect(overrides).toEqual([
      expect.objectContaining({ gates: ["grace", "window", "notice"], by: ["U-ada", "U-lin"] }),
    ]);
    await story.end();
  });

  it("retire now skips the grace and the notice, and neither settled consumers nor the new credential", async () => {
    const story = await tell({ server, mode: "two passwords", graceMs: 3_600_000, noticeMs: 3_600_000 });
    const id = await story.request();
    await story.drive(id, { until: ({ graceUntil }) => graceUntil !== undefined });
    story.app.pretend("two", "2020-01-01T00:00:00.000Z");
    await story.agree(id, "retire-now");
    const waiting = await story.drive(id, { until: turns(10) });
    expect(Object.keys(waiting.steps), report(waiting)).not.toContain("disable");
    expect(await story.loud(id)).toContainEqual(expect.stringMatching(/not settled: two/));

    story.app.pretend("two", new Date().toISOString());
    const rotation = await story.drive(id);
    expect(rotation.ended, report(rotation)).toMatchObject({ status: "done" });
    await story.end();
  });

  it("a person extends the grace up to graceMax, and no further", async () => {
    const story = await tell({ server, mode: "two passwords", graceMs: 2_000, graceMaxMs: 6_000 });
    const id = await story.request();
    const begun = await story.drive(id, { until: ({ graceUntil }) => graceUntil !== undefined });
    expect(await story.press(id, "extend-grace", "-1000")).toBe("ok");
    // Two presses on one card are about the same end of the grace, and extend it once.
    expect(await story.press(id, "extend-grace", "3600000")).toBe("ok");
    expect(await story.press(id, "extend-grace", "3600000")).toBe("ok");
    await story.drive(id, { until: ({ graceUntil }) => graceUntil !== begun.graceUntil });
    expect(await story.press(id, "extend-grace", "3600000")).toBe("ok");
    const rotation = await story.drive(id);

    const began = Date.parse(begun.steps["grace"]?.startedAt ?? "");
    expect(Date.parse(rotation.graceUntil ?? "") - began).toBe(6_000);
    const refused = (await story.events(id)).flatMap((event) => (event.type === "refused" ? [event.reason.code] : []));
    expect(refused).toEqual(["not_a_duration", "older_card", "grace_max"]);
    expect(Date.parse(rotation.steps["disable"]?.startedAt ?? "") - began).toBeGreaterThanOrEqual(6_000);
    await story.end();
  });
});

function dayFromNow(days: number): string {
  return ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][new Date(Date.now() + days * 86_400_000).getUTCDay()] ?? "";
}

/** True at that turn of the engine. */
function turns(count: number): () => boolean {
  let turn = 0;
  return () => {
    turn += 1;
    return turn >= count;
  };
}
