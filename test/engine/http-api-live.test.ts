import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Rotation } from "../../src/core/rotation.ts";
import { beside, place } from "../stores/http-api/start-truload.ts";
import { ada, type NtsaWorld, newPair, oldPair, openNtsa } from "./http-api-shop.ts";

const Found = z.looseObject({ provider: z.int() });
const waits = (kind: "collect" | "confirm" | "back-confirm") => (now: Rotation) =>
  now.steps[kind]?.notes["ask"] !== undefined || now.block !== undefined;

/** What TruLoad's own call of the provider gets, for a vehicle that nobody has looked up. */
async function lookUp({ truload }: NtsaWorld, plate: string): Promise<number> {
  return Found.parse(await truload.ask("GET", `/api/v1/vehicles/${plate}`)).provider;
}

async function collected(world: NtsaWorld): Promise<string> {
  const { stage, portal } = world;
  const id = await stage.approved();
  await stage.drive(id, waits("collect"));
  portal.pairs.set(newPair.api_key, newPair.client_secret);
  await world.bring(id, newPair);
  return id;
}

describe.concurrent("a pair that an application keeps in its own database", { timeout: 180_000 }, () => {
  it("is handed in, live at once without a restart, and proved after a person has revoked the old one", async () => {
    await using world = await openNtsa({ mirrored: true });
    const { stage, portal } = world;
    const id = await collected(world);
    const asked = await stage.drive(id, waits("confirm"));
    expect(asked.block, JSON.stringify(asked.block)).toBeUndefined();
    expect(asked.steps["rollout"]?.sentence).toBe("consumers read the store at each use; nothing to restart");
    expect(await world.mirror()).toContain(newPair.client_secret);

    portal.pairs.delete(oldPair.api_key);
    expect(await lookUp(world, "KAA001")).toBe(200);
    expect(await world.truload.ask("GET", place)).toMatchObject(beside);
    const confirm = { rotationId: id, asker: ada, verb: "confirm", detail: "gone", onceKey: "confirm" } as const;
    expect((await stage.desk.press(confirm)).kind).toBe("ok");
    const rotation = await stage.drive(id);
    expect(rotation.ended, JSON.stringify(rotation.block)).toMatchObject({ status: "done", leftovers: [] });
    expect(rotation.steps["prove"]?.sentence).toMatch(/^proved: old credential refused \(401/);
    await expectNowhere(world);
  });

  it("goes back by itself when a check turns red: the old pair, read from the mirror, is written again", async () => {
    await using world = await openNtsa({ mirrored: true });
    const { stage, portal } = world;
    const id = await collected(world);
    await stage.drive(id, undefined, "publish");
    portal.pairs.delete(oldPair.api_key);
    expect(await lookUp(world, "KAA002")).toBe(200);
    portal.pairs.set(oldPair.api_key, oldPair.client_secret);
    world.redden(true);
    await stage.drive(id, (now) => now.direction === "back" || now.block !== undefined);
    world.redden(false);
    const asked = await stage.drive(id, waits("back-confirm"));
    expect(asked.turnedBack?.reason, JSON.stringify(asked.block)).toMatchObject({ code: "check_red" });
    portal.pairs.delete(newPair.api_key);
    expect(await lookUp(world, "KAA003")).toBe(200);
    expect(await world.mirror()).toContain(oldPair.client_secret);
    const confirm = { rotationId: id, asker: ada, verb: "confirm", detail: "gone", onceKey: "back" } as const;
    await stage.desk.press(confirm);
    const rotation = await stage.drive(id);
    expect(rotation.ended, JSON.stringify(rotation.block)).toMatchObject({ status: "rolled_back" });
  });

  it("without a mirror there is no way back after publish: the plan says so, and a failure stops it", async () => {
    await using world = await openNtsa({ mirrored: false });
    const { stage, portal } = world;
    const id = await collected(world);
    const begun = await stage.rotation(id);
    expect(begun.findings.map(({ code, severity }) => `${severity} ${code}`)).toContain("warning no_way_back");
    expect(begun.plan).toMatchObject({ present: "unknown", pointOfNoReturn: "publish" });
    expect(begun.plan.back.map(({ kind }) => kind)).toEqual(["confirm", "prove"]);
    world.redden(true);
    const blocked = await stage.drive(id);
    expect(blocked.block?.reason).toMatchObject({ code: "check_red" });
    expect(blocked.block?.live).toContain("the old credential is not known");
    const back = { rotationId: id, asker: ada, verb: "roll-back", detail: "", onceKey: "back" } as const;
    await stage.desk.press(back);
    const still = await stage.drive(id);
    expect([still.direction, still.block?.reason.code]).toEqual(["forward", "check_red"]);

    world.redden(false);
    await stage.desk.press({ ...back, verb: "look-again", onceKey: "again" });
    const asked = await stage.drive(id, waits("confirm"));
    expect(asked.steps["confirm"]?.notes["ask"]?.sentence).toContain("not known to Keyturn");
    portal.pairs.delete(oldPair.api_key);
    await stage.desk.press({ ...back, verb: "confirm", detail: "gone", onceKey: "confirm" });
    const rotation = await stage.drive(id);
    expect(rotation.ended, JSON.stringify(rotation.block)).toMatchObject({ status: "done" });
    expect(rotation.steps["prove"]?.sentence).toMatch(/^unproved: new accepted; the old credential could not be read/);
  });

  it("an empty mirror is filled by the first rotation, which has no way back; the next one has", async () => {
    await using world = await openNtsa({ mirrored: "empty" });
    const { stage, portal } = world;
    const id = await collected(world);
    expect((await stage.rotation(id)).plan).toMatchObject({ present: "unknown", pointOfNoReturn: "publish" });
    await stage.drive(id, waits("confirm"));
    portal.pairs.delete(oldPair.api_key);
    const confirm = { rotationId: id, asker: ada, verb: "confirm", detail: "gone", onceKey: "confirm" } as const;
    await stage.desk.press(confirm);
    expect((await stage.drive(id)).ended).toMatchObject({ status: "done" });
    expect(await world.mirror()).toContain(newPair.client_secret);
    const { plan } = await stage.rotation(await stage.requested());
    expect(plan).toMatchObject({ present: "works", pointOfNoReturn: "confirm" });
  });

  it("without a mirror it can be stopped before the publish, and the new pair is revoked by a person", async () => {
    await using world = await openNtsa({ mirrored: false });
    const { stage, portal } = world;
    const id = await collected(world);
    await stage.drive(id, undefined, "test");
    const back = { rotationId: id, asker: ada, verb: "roll-back", detail: "", onceKey: "back" } as const;
    expect((await stage.desk.press(back)).kind).toBe("ok");
    await stage.drive(id, waits("back-confirm"));
    portal.pairs.delete(newPair.api_key);
    await stage.desk.press({ ...back, verb: "confirm", detail: "gone", onceKey: "confirm" });
    const rotation = await stage.drive(id);
    expect(rotation.ended, JSON.stringify(rotation.block)).toMatchObject({ status: "rolled_back" });
    expect(await lookUp(world, "KAA004")).toBe(200);
  });
});

/** No table of Keyturn's holds a secret, in clear or encoded. */
async function expectNowhere({ database }: NtsaWorld): Promise<void> {
  const tables = await database.query("SELECT tablename FROM pg_tables WHERE schemaname = 'keyturn'", []);
  const found = await database.query("SELECT 1 FROM keyturn.events WHERE event LIKE $1", [`%${newPair.api_key}%`]);
  expect(found.length, "the public half, which shows that the search would find it").toBeGreaterThan(0);
  for (const { tablename } of tables) {
    const rows = JSON.stringify(await database.query(`SELECT t::text AS text FROM keyturn.${String(tablename)} t`, []));
    for (const secret of [newPair.client_secret, oldPair.client_secret]) {
      const bytes = Buffer.from(secret);
      const forms = [secret, bytes.toString("base64").replace(/=+$/, ""), bytes.toString("hex")];
      expect(
        forms.filter((form) => rows.includes(form)),
        String(tablename),
      ).toEqual([]);
    }
  }
}
