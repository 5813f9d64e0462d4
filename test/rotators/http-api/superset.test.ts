import { rename } from "node:fs/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { rotatorContract } from "../../contract/rotator.ts";
import { inWorld, issue } from "../../contract/rotator-world.ts";
import { openSupersetShop, type SupersetWorld } from "../../engine/http-api-superset.ts";
import { needs } from "../../servers/need.ts";
import { firstPassword, type Superset, startSuperset } from "../../servers/superset.ts";
import { makeWorld } from "./world.ts";

const ada = { kind: "slack", id: "U-ada", team: "T1" } as const;

needs("superset")("http-api on a real Superset", { timeout: 120_000 }, () => {
  let superset: Superset;
  const adminPassword = firstPassword();
  beforeAll(async () => {
    superset = await startSuperset();
    await superset.addUser("keyturn", adminPassword, "Admin");
  }, 120_000);
  afterAll(async () => {
    await superset?.[Symbol.asyncDispose]();
  });
  const world = () => makeWorld(superset, adminPassword);

  // The way back is the same call with the other value, so the line is cut once.
  rotatorContract({
    name: "http-api, a user of Superset",
    overlap: "single",
    lists: false,
    cut: ["issue"],
    makeWorld: world,
  });

  it("sets the password once, although its own reply was lost", () =>
    inWorld(world, async (made, issuer, run) => {
      made.wire.reset();
      await issue(issuer, run);
      const whole = made.wire.commands();
      await issue(issuer, run);
      expect(made.wire.commands() - whole).toBe(1);
    }));

  it("through the whole engine: published, set, tried, restarted and proved, and no password anywhere although the answer echoes it", async () => {
    await using shop = await openSupersetShop(superset, adminPassword);
    const id = await shop.stage.approved();
    const rotation = await shop.stage.drive(id);
    expect(rotation.ended, JSON.stringify(rotation.block)).toMatchObject({ status: "done" });
    expect(rotation.plan).toMatchObject({ pointOfNoReturn: "issue", present: "works" });
    expect(rotation.steps["prove"]?.sentence).toMatch(
      /^proved: old credential refused \(401; accepted by the same probe before\)/,
    );
    const now = await shop.published();
    expect(now).toMatch(/^[A-Za-z](?=.*[0-9])(?=.*[A-Z])(?=.*[a-z]).{31}$/);
    expect([shop.used(), await superset.logIn(shop.username, now)]).toEqual([now, 200]);
    expect(await superset.logIn(shop.username, shop.first)).toBe(401);
    await expectNowhere(shop, [now, shop.first, adminPassword]);
  });

  it("goes back by a person after the cut: the old value is set again, and the new one is refused", async () => {
    await using shop = await openSupersetShop(superset, adminPassword);
    const id = await shop.stage.approved();
    await shop.stage.drive(id, undefined, "rollout");
    const second = await shop.published();
    expect(await superset.logIn(shop.username, second)).toBe(200);
    await shop.stage.desk.press({ rotationId: id, asker: ada, verb: "roll-back", detail: "", onceKey: "back" });
    const rotation = await shop.stage.drive(id);
    expect(rotation.ended, JSON.stringify(rotation.block)).toMatchObject({ status: "rolled_back" });
    expect([await shop.published(), shop.used()]).toEqual([shop.first, shop.first]);
    expect([await superset.logIn(shop.username, shop.first), await superset.logIn(shop.username, second)]).toEqual([
      200, 401,
    ]);
    await expectNowhere(shop, [second, shop.first]);
  });

  it("before the cut a failure goes back by itself, and nothing was set", async () => {
    await using shop = await openSupersetShop(superset, adminPassword);
    const id = await shop.stage.approved();
    await shop.stage.drive(id, undefined, "preflight");
    await rename(shop.file, `${shop.file}.gone`);
    const rotation = await shop.stage.drive(id);
    expect(rotation.ended, JSON.stringify(rotation.block)).toMatchObject({ status: "rolled_back" });
    expect(rotation.turnedBack?.reason).toMatchObject({ code: "store_missing" });
    expect(await superset.logIn(shop.username, shop.first)).toBe(200);
  });

  it("a password that breaks Superset's own rule is refused for good, without a word of the answer: it goes back by itself", async () => {
    await using shop = await openSupersetShop(superset, adminPassword, {
      password: { length: 16 },
      deadWithin: "300ms",
    });
    const id = await shop.stage.approved();
    const refused = await shop.stage.drive(id, ({ steps }) => steps["issue"]?.notes["refused"] !== undefined);
    const short = await shop.published();
    expect([refused.direction, short.length, short === shop.first]).toEqual(["forward", 16, false]);
    const rotation = await shop.stage.drive(id);
    expect(rotation.ended, JSON.stringify(rotation.block)).toMatchObject({ status: "rolled_back" });
    expect(rotation.turnedBack?.reason).toMatchObject({ code: "value_refused" });
    expect(rotation.turnedBack?.reason.sentence).toMatch(
      / refuses what PUT \/api\/v1\/security\/users\/\{\{id\}\} sends \(400\)$/,
    );
    expect([await shop.published(), await superset.logIn(shop.username, shop.first)]).toEqual([shop.first, 200]);
    await expectNowhere(shop, [short, shop.first]);
  });
});

/** Neither Keyturn's tables nor its log hold one of these, in clear or encoded. */
async function expectNowhere({ database, logged, username }: SupersetWorld, secrets: readonly string[]): Promise<void> {
  const tables = await database.query("SELECT tablename FROM pg_tables WHERE schemaname = 'keyturn'", []);
  const texts = [logged()];
  for (const { tablename } of tables) {
    texts.push(JSON.stringify(await database.query(`SELECT t::text AS text FROM keyturn.${String(tablename)} t`, [])));
  }
  const all = texts.join("\n");
  expect(all, "what is public, which shows that the search would find it").toContain(username);
  for (const secret of secrets) {
    const bytes = Buffer.from(secret);
    const forms = [secret, bytes.toString("base64").replace(/=+$/, ""), bytes.toString("hex")];
    expect(forms.filter((form) => all.includes(form))).toEqual([]);
  }
}
