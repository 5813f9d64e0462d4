import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Postgres, startPostgres } from "../servers/postgres.ts";
import { logIn, openSession } from "./light-app.ts";
import { report, tell } from "./story.ts";

let server: Postgres;
beforeAll(async () => {
  server = await startPostgres({ version: 18, hba: ["host all all 127.0.0.0/8 scram-sha-256"] });
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
});

describe.concurrent("doubt passes no gate", { timeout: 180_000 }, () => {
  it("a consumer without an instance: the request is refused, because zero is never settled", async () => {
    const story = await tell({
      server,
      mode: "dual",
      consumers: "{ kind: command, name: shop, instances: [] }",
      checks: [],
    });
    await expect(story.request()).rejects.toThrow(/no_instances/);
    await story.end();
  });

  it("a health URL that cannot be reached keeps verification waiting and is named; it goes on when somebody answers", async () => {
    const story = await tell({ server, mode: "dual" });
    const id = await story.request();
    await story.drive(id, { after: "rollout" });
    story.app.silent = true;
    const waiting = await story.drive(id, { until: turns(12) });
    expect(waiting.steps["verify"]?.status).toBe("started");
    expect(await story.loud(id)).toContainEqual(expect.stringContaining("could not look"));

    story.app.silent = false;
    expect((await story.drive(id)).ended).toMatchObject({ status: "done" });
    await story.end();
  });

  it("a log that cannot be read keeps verification waiting; it goes on when it can be read again", async () => {
    const story = await tell({ server, mode: "dual" });
    const id = await story.request();
    await story.drive(id, { after: "rollout" });
    const log = join(story.folder, "one.log");
    await rename(log, `${log}.away`);
    await mkdir(log);
    const waiting = await story.drive(id, { until: turns(12) });
    expect(waiting.steps["verify"]?.status).toBe("started");
    expect(await story.loud(id)).toContainEqual(expect.stringContaining("could not look"));

    await rm(log, { recursive: true });
    await rename(`${log}.away`, log);
    expect((await story.drive(id)).ended).toMatchObject({ status: "done" });
    await story.end();
  });

  it("an unknown refusal of the old credential (28000 without a pg_hba line) is no proof of its death", async () => {
    const story = await tell({ server, mode: "dual" });
    const id = await story.request();
    const hba = join(server.dataFolder, "pg_hba.conf");
    const lines = await readFile(hba, "utf8");
    const old = story.principals[0] ?? "";
    await story.drive(id, { after: "revoke" });
    await writeFile(hba, `host all ${old} 127.0.0.1/32 reject\n${lines}`);
    await server.query("SELECT pg_reload_conf()");
    const stopped = await story.drive(id);

    expect(stopped.block?.reason, report(stopped)).toMatchObject({ code: "old_still_alive" });
    expect(stopped.block?.reason.sentence).toContain("28000");

    await writeFile(hba, lines);
    await server.query("SELECT pg_reload_conf()");
    expect(await story.press(id, "look-again")).toBe("ok");
    const rotation = await story.drive(id);
    expect(rotation.ended, report(rotation)).toMatchObject({ status: "done" });
    expect(rotation.steps["prove"]?.sentence).toMatch(/^proved: old credential refused \(28P01/);
    await story.end();
  });

  it("the old value put back during the grace stops its clock and is named; it goes on when that is mended", async () => {
    const story = await tell({ server, mode: "dual", graceMs: 2_000 });
    const old = await story.env();
    const id = await story.request();
    const begun = await story.drive(id, { until: ({ graceUntil }) => graceUntil !== undefined });
    const ours = await story.env();
    await story.edit(() => old);
    const standing = await story.drive(id, { until: turns(15) });
    expect(standing.steps["grace"]?.status, report(standing)).toBe("started");
    expect(await story.loud(id)).toContainEqual(expect.stringMatching(/stands still.*SHOP_URL does not hold what was/));

    await story.edit(() => ours);
    const rotation = await story.drive(id);
    expect(rotation.ended, report(rotation)).toMatchObject({ status: "done" });
    const lostMs = Date.parse(rotation.graceUntil ?? "") - Date.parse(begun.graceUntil ?? "");
    expect(lostMs).toBeGreaterThan(1_000);
    expect(await story.loud(id)).toContainEqual("everything is as it was left");
    await story.end();
  });

  it("a neighbour's edit survives the way back", async () => {
    const story = await tell({ server, mode: "dual" });
    const id = await story.request();
    const old = await story.url();
    await story.drive(id, { after: "verify" });
    await story.edit((text) => text.replace("OTHER=stays", "OTHER=theirs"));
    await story.press(id, "roll-back");
    const rotation = await story.drive(id);

    expect(rotation.ended, report(rotation)).toMatchObject({ status: "rolled_back" });
    expect(await story.url()).toBe(old);
    expect(await story.env()).toMatch(/^# the shop\nSHOP_URL=.*\nOTHER=theirs # as it is\n$/);
    await story.end();
  });

  it("our key written by somebody else blocks the way back, named, with nothing overwritten", async () => {
    const story = await tell({ server, mode: "dual" });
    const id = await story.request();
    await story.drive(id, { after: "verify" });
    const ours = await story.env();
    await story.edit((text) => text.replace(/SHOP_URL=.*/, "SHOP_URL=by-somebody-else"));
    const theirs = await story.env();
    await story.press(id, "roll-back");
    const stopped = await story.drive(id);

    expect(stopped.block?.reason, report(stopped)).toMatchObject({ code: "foreign_write" });
    expect(stopped.block?.reason.sentence).toMatch(/\.env: key SHOP_URL holds neither the old value nor ours/);
    expect(await story.env()).toBe(theirs);

    await story.edit(() => ours);
    await story.press(id, "look-again");
    const rotation = await story.drive(id);
    expect(rotation.ended, report(rotation)).toMatchObject({ status: "rolled_back" });
    await story.end();
  });

  it("an instance that stays on the new value keeps the new credential alive on the way back", async () => {
    const story = await tell({ server, mode: "dual" });
    const id = await story.request();
    await story.drive(id, { after: "verify" });
    const published = await story.url();
    story.app.deaf.add("two");
    await story.press(id, "roll-back");
    const waiting = await story.drive(id, { until: turns(25) });

    expect(waiting.steps["back-rollout"]?.status, report(waiting)).toBe("started");
    expect(await logIn("postgres", published)).toBe("accepted");
    expect(story.app.urlOf("two")).toBe(published);

    story.app.deaf.clear();
    const rotation = await story.drive(id);
    expect(rotation.ended, report(rotation)).toMatchObject({ status: "rolled_back" });
    expect(await logIn("postgres", published)).not.toBe("accepted");
    expect(story.app.counts.refused).toBe(0);
    await story.end();
  });

  it("a connection with the new credential that stays open on the way back keeps it alive until it ends", async () => {
    const story = await tell({ server, mode: "dual", graceMaxMs: 3_000 });
    const id = await story.request();
    await story.drive(id, { after: "verify" });
    const published = await story.url();
    const session = await openSession("postgres", published, "127.0.0.2");
    if (typeof session === "string") throw new Error(session);
    await story.press(id, "roll-back");
    const stopped = await story.drive(id);

    expect(stopped.block?.reason, report(stopped)).toMatchObject({ code: "still_used" });
    expect(await story.loud(id)).toContainEqual(expect.stringContaining("127.0.0.2"));
    expect(await logIn("postgres", published)).toBe("accepted");

    session.close();
    await session.ended;
    await story.press(id, "look-again");
    const rotation = await story.drive(id);
    expect(rotation.ended, report(rotation)).toMatchObject({ status: "rolled_back" });
    expect(await logIn("postgres", published)).toBe("28P01");
    await story.end();
  });
});

/** True at that turn of the engine. */
function turns(count: number): () => boolean {
  let turn = 0;
  return () => {
    turn += 1;
    return turn >= count;
  };
}
