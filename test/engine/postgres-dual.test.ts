import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FreshDatabase, freshDatabase } from "../servers/fresh-database.ts";
import { openShop, type Shop } from "./shop.ts";
import { openStage, type Stage } from "./stage.ts";

describe("postgres-role, dual, from request to proof", { timeout: 180_000 }, () => {
  let database: FreshDatabase;
  let shop: Shop;
  let stage: Stage;

  beforeAll(async () => {
    database = await freshDatabase();
    shop = await openShop({ server: database.server, mode: "dual" });
    stage = await openStage({ databaseUrl: database.url, ...shop });
  });

  afterAll(async () => {
    await stage?.close();
    await shop?.close();
  });

  it("ends done, with no refused login, the old credential refused and the new one accepted", async () => {
    const id = await stage.approved();
    const rotation = await stage.drive(id);

    expect(rotation.ended, JSON.stringify([rotation.block, rotation.turnedBack])).toMatchObject({ status: "done" });
    expect(rotation.steps["prove"]?.sentence).toMatch(/^proved: old credential refused/);
    expect(await shop.url()).toContain(shop.roles.b);
    expect(await readFile(shop.envFile, "utf8")).toMatch(/^# the shop\nDATABASE_URL=.*\nOTHER=stays # as it is\n$/);
    expect((await shop.world.totals()).refused).toBe(0);
  });
});
