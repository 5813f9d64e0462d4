import { afterEach, beforeEach, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { type FreshDatabase, freshDatabase } from "../servers/fresh-database.ts";
import { type LightShop, openLightShop } from "./light-shop.ts";
import { openStage, type Stage } from "./stage.ts";
import { report } from "./story.ts";

const Catalog = z.looseObject({ targets: z.array(z.looseObject({ checks: z.array(z.unknown()) })) });

let database: FreshDatabase;
let shop: LightShop;
let stage: Stage;

/** The page that the test turns red is no check of the shop, but of who carries its load meanwhile. */
function withStandby(text: string): string {
  const { targets, ...catalog } = Catalog.parse(parse(text));
  const moved = targets.map(({ checks, ...target }) => ({
    ...target,
    checks: checks.slice(0, -1),
    standby: checks.slice(-1),
  }));
  return JSON.stringify({ ...catalog, targets: moved });
}

beforeEach(async () => {
  database = await freshDatabase();
  shop = await openLightShop({ server: database.server, mode: "dual", switch: true });
  stage = await openStage({
    databaseUrl: database.url,
    ...shop,
    catalog: withStandby(shop.catalog),
    programs: ["/usr/bin"],
  });
});
afterEach(async () => {
  await stage?.close();
  await shop?.close();
  await database?.[Symbol.asyncDispose]();
});

it("nothing moves while the standby is down; once it is up the rotation goes on by itself", {
  timeout: 120_000,
}, async () => {
  const first = await shop.url();
  shop.app.red = true;
  const id = await stage.approved();
  expect((await stage.rotation(id)).findings).toContainEqual(
    expect.objectContaining({ code: "standby_down", severity: "warning" }),
  );
  const waiting = await stage.drive(id, ({ steps }) => steps["publish"]?.notes["standby"] !== undefined);
  expect(waiting.steps["publish"]).toMatchObject({ attempt: 0, effects: {} });
  expect(waiting.steps["publish"]?.notes["standby"]?.sentence).toMatch(/^waiting until this is up: http .*503/);
  expect(await shop.url()).toBe(first);

  shop.app.red = false;
  const moved = await stage.drive(id, undefined, "verify");
  expect(moved.steps["verify"]?.status).toBe("done");
  shop.app.red = true;
  const still = await stage.drive(id, ({ steps }) => steps["disable"]?.notes["standby"] !== undefined);
  expect(still.steps["disable"]?.effects).toEqual({});
  shop.app.red = false;
  const done = await stage.drive(id);
  expect(done.ended, report(done)).toMatchObject({ status: "done" });
});

it("a leaked one goes on without it, and says so; so does a rollback, which waits for nobody", {
  timeout: 120_000,
}, async () => {
  shop.app.red = true;
  const leaked = await stage.drive(await stage.approved({ leaked: true }));
  expect(leaked.ended, report(leaked)).toMatchObject({ status: "done" });
  expect(leaked.steps["publish"]?.notes["standby"]?.sentence).toMatch(
    /^a leaked credential does not wait, so it goes on although/,
  );

  shop.app.red = false;
  const id = await stage.approved();
  await stage.drive(id, undefined, "verify");
  shop.app.red = true;
  const press = { rotationId: id, verb: "roll-back", detail: "", onceKey: "back" } as const;
  await stage.desk.press({ ...press, asker: { kind: "slack", id: "U-ada", team: "T1" } });
  const back = await stage.drive(id);
  expect(back.ended, report(back)).toMatchObject({ status: "rolled_back" });
});

it("it does not wait for a standby whose own leaked credential waits for it", { timeout: 120_000 }, async () => {
  shop.app.red = true;
  const id = await stage.approved();
  await stage.drive(id, ({ steps }) => steps["publish"]?.notes["standby"] !== undefined);
  const actor = { kind: "engine", id: "keyturn" } as const;
  const entry = { actor, verb: "make-way", rotationId: id, detail: "for a leaked one" };
  await stage.state.addCommand({ rotationId: id, verb: "make-way", actor, detail: "leaked" }, "leaked", entry);
  const done = await stage.drive(id);
  expect(done.ended, report(done)).toMatchObject({ status: "done" });
});
