import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Postgres, startPostgres } from "../servers/postgres.ts";
import { logIn } from "./light-app.ts";
import { report, tell } from "./story.ts";

let server: Postgres;
beforeAll(async () => {
  server = await startPostgres({ version: 18 });
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
});

describe.concurrent("postgres-role, single", { timeout: 180_000 }, () => {
  it("says that it cuts, refuses who was not restarted yet, and ends proved", async () => {
    const story = await tell({ server, mode: "single" });
    const old = await story.url();
    const id = await story.request();
    const rotation = await story.drive(id);

    expect(rotation.plan.rotator.words.cut?.length).toBeGreaterThan(20);
    expect(rotation.plan.pointOfNoReturn).toBe("issue");
    expect(rotation.ended, report(rotation)).toMatchObject({ status: "done" });
    expect(rotation.steps["prove"]?.sentence).toMatch(/^proved: old credential refused \(28P01/);
    expect([await logIn("postgres", old), await logIn("postgres", await story.url())]).toEqual(["28P01", "accepted"]);
    await story.end();
  });

  it("what the cut refused is not held against the new value", async () => {
    const story = await tell({ server, mode: "single", logWindow: "5m" });
    const id = await story.request();
    await story.drive(id, { after: "test" });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(story.app.counts.refused).toBeGreaterThan(0);
    const rotation = await story.drive(id);

    expect(rotation.ended, report(rotation)).toMatchObject({ status: "done" });
    await story.end();
  });

  it("does not go back by itself after the cut: it is blocked, and says what is live", async () => {
    const story = await tell({ server, mode: "single", switch: true });
    const old = await story.url();
    const id = await story.request();
    const stopped = await story.drive(id, {
      between: (now) => {
        story.app.red = now.steps["rollout"]?.status === "done" && now.direction === "forward";
      },
    });

    expect(stopped.block?.reason, report(stopped)).toMatchObject({ code: "check_red" });
    expect(stopped.block?.live).toContain("the new one");
    expect(stopped.direction).toBe("forward");
    expect(await logIn("postgres", old)).toBe("28P01");

    story.app.red = false;
    expect(await story.press(id, "roll-back")).toBe("ok");
    const rotation = await story.drive(id);
    expect(rotation.ended, report(rotation)).toMatchObject({ status: "rolled_back" });
    expect(await story.url()).toBe(old);
    expect(await logIn("postgres", old)).toBe("accepted");
    expect(story.app.urlOf("two")).toBe(old);
    await story.end();
  });

  it("before the cut it goes back without one", async () => {
    const story = await tell({ server, mode: "single" });
    const old = await story.url();
    const id = await story.request();
    await story.drive(id, { after: "publish" });
    expect(await story.press(id, "roll-back")).toBe("ok");
    const rotation = await story.drive(id);

    expect(rotation.ended, report(rotation)).toMatchObject({ status: "rolled_back" });
    expect(Object.keys(rotation.steps)).not.toContain("back-issue");
    expect([await story.url(), await logIn("postgres", old)]).toEqual([old, "accepted"]);
    expect(story.app.counts.refused).toBe(0);
    await story.end();
  });
});
