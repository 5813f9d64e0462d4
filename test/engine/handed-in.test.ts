import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDesk } from "../../src/core/desk/open-desk.ts";
import { Secret } from "../../src/core/secret.ts";
import { type Portal, startPortal } from "../rotators/handed-in-key/portal.ts";
import { type FreshDatabase, freshDatabase } from "../servers/fresh-database.ts";
import { handedInCatalog, oldPair, pairFile, pairIn } from "./handed-in-shop.ts";
import { type LightShop, openLightShop } from "./light-shop.ts";
import { openStage, type Stage } from "./stage.ts";

const ada = { kind: "slack", id: "U-ada", team: "T1" } as const;
const newPair = { key: "new-consumer-key", secret: "new-consumer-secret-9876543210" };

type World = AsyncDisposable & {
  readonly stage: Stage;
  readonly shop: LightShop;
  readonly portal: Portal;
  readonly database: FreshDatabase;
  readonly file: string;
};

async function open(overlap: "dual" | "single", pageUrl?: string): Promise<World> {
  await using starting = new AsyncDisposableStack();
  const database = starting.use(await freshDatabase());
  const portal = await startPortal([[oldPair.key, oldPair.secret]]);
  starting.defer(() => portal.close());
  const shop = await openLightShop({
    server: database.server,
    mode: "dual",
    graceMs: 300,
    watchMs: 1_000,
    idleMs: 1_000,
  });
  starting.defer(() => shop.close());
  const file = pairFile(shop.catalog);
  const catalog = handedInCatalog(shop.catalog, portal.url, overlap);
  const stage = await openStage({
    ...shop,
    databaseUrl: database.url,
    catalog,
    programs: ["/usr/bin"],
    ...(pageUrl === undefined ? {} : { pageUrl }),
  });
  starting.defer(() => stage.close());
  const running = starting.move();
  return { stage, shop, portal, database, file, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

const waits = (kind: "collect" | "confirm") => (rotation: Awaited<ReturnType<Stage["rotation"]>>) =>
  rotation.steps[kind]?.notes["ask"] !== undefined || rotation.block !== undefined;

/** Presses the button and hands a pair in over the link. */
async function bring({ stage }: World, rotationId: string, pair: typeof newPair): Promise<boolean> {
  const given = await stage.desk.handIn({ rotationId, asker: ada });
  if (given.kind === "refused") throw new Error(JSON.stringify(given.refusal));
  const token = given.link.slice(given.link.lastIndexOf("/") + 1);
  const values = { consumer_key: new Secret(pair.key), consumer_secret: new Secret(pair.secret) };
  return stage.desk.handOver(token, values);
}

describe("a pair that a person brings from a portal", { timeout: 120_000 }, () => {
  let world: World;
  beforeAll(async () => {
    world = await open("dual", "https://keyturn.example");
  });
  afterAll(() => world?.[Symbol.asyncDispose]());

  it("from request to proof: refused ones are destroyed, the kept one is published, the old one is revoked by a person", async () => {
    const { stage, portal, file } = world;
    const id = await stage.approved();
    await stage.drive(id, waits("collect"));
    const before = pairIn(file);

    expect(await bring(world, id, { ...newPair, secret: "mistyped-secret-000000" })).toBe(true);
    const refused = await stage.drive(id, (now) => now.steps["collect"]?.notes["verdict"] !== undefined);
    expect(refused.steps["collect"]?.notes["verdict"]?.detail).toEqual({ code: "401" });
    expect(await bring(world, id, oldPair)).toBe(true);
    const same = await stage.drive(
      id,
      (now) => now.steps["collect"]?.notes["verdict"]?.sentence.includes("in use already") === true,
    );
    expect(same.pending).toBeUndefined();
    expect(await sealedSlots(world, id)).not.toContain("collect");
    expect(pairIn(file)).toBe(before);

    portal.pairs.set(newPair.key, newPair.secret);
    expect(await bring(world, id, newPair)).toBe(true);
    const asked = await stage.drive(id, waits("confirm"));
    expect(asked.block, JSON.stringify(asked.block)).toBeUndefined();
    expect(pairIn(file)).toContain(newPair.secret);
    expect(portal.pairs.size).toBe(2);

    portal.pairs.delete(oldPair.key);
    const answer = await stage.desk.press({
      rotationId: id,
      asker: ada,
      verb: "confirm",
      detail: "revoked in the portal, it no longer lists the old key",
      onceKey: "confirm",
    });
    expect(answer.kind).toBe("ok");
    const rotation = await stage.drive(id);
    expect(rotation.ended, JSON.stringify([rotation.block, rotation.steps["prove"]])).toMatchObject({
      status: "done",
      leftovers: [],
    });
    expect(rotation.steps["confirm"]?.confirmed).toMatchObject({ by: ada });
    expect(rotation.steps["prove"]?.sentence).toMatch(/^proved: old credential refused \(401/);
    await expectNowhere(world, [newPair.secret, oldPair.secret, "mistyped-secret-000000"]);
  });

  it("turned back after it was handed in: a person revokes the new one, and the old one works on", async () => {
    const { stage, portal, file } = world;
    const third = { key: "third-consumer-key", secret: "third-consumer-secret-13579" };
    const before = pairIn(file);
    const id = await stage.approved();
    await stage.drive(id, waits("collect"));
    portal.pairs.set(third.key, third.secret);
    await bring(world, id, third);
    await stage.drive(id, undefined, "publish");
    await stage.desk.press({ rotationId: id, asker: ada, verb: "roll-back", detail: "", onceKey: "back" });
    await stage.drive(id, (now) => now.steps["back-confirm"]?.notes["ask"] !== undefined || now.block !== undefined);
    expect(pairIn(file)).toBe(before);
    portal.pairs.delete(third.key);
    await stage.desk.press({ rotationId: id, asker: ada, verb: "confirm", detail: "gone", onceKey: "gone" });
    const rotation = await stage.drive(id);
    expect(rotation.ended, JSON.stringify(rotation.block)).toMatchObject({ status: "rolled_back" });
  });

  it("a confirmation is no proof: while the old one is still accepted it is blocked", async () => {
    const { stage, portal } = world;
    const fourth = { key: "fourth-consumer-key", secret: "fourth-consumer-secret-24680" };
    const id = await stage.approved();
    await stage.drive(id, waits("collect"));
    portal.pairs.set(fourth.key, fourth.secret);
    await bring(world, id, fourth);
    await stage.drive(id, waits("confirm"));
    const confirm = { rotationId: id, asker: ada, verb: "confirm", detail: "done, I think", onceKey: "soon" } as const;
    await stage.desk.press(confirm);
    const blocked = await stage.drive(id);
    expect(blocked.block?.reason).toMatchObject({ code: "old_still_alive" });
    portal.pairs.delete(newPair.key);
    await stage.desk.press({ ...confirm, verb: "look-again", detail: "", onceKey: "again" });
    expect((await stage.drive(id)).ended).toMatchObject({ status: "done" });
  });

  it("who may not hand in gets no link, and neither does anybody while nothing is waited for", async () => {
    const { stage } = world;
    const id = await stage.requested();
    expect(await stage.desk.handIn({ rotationId: id, asker: { ...ada, id: "U-stranger" } })).toMatchObject({
      refusal: { code: "may_not_hand_in" },
    });
    expect(await stage.desk.handIn({ rotationId: id, asker: ada })).toMatchObject({
      refusal: { code: "nothing_to_collect" },
    });
    await stage.desk.press({ rotationId: id, asker: ada, verb: "cancel", detail: "", onceKey: "cancel" });
    await stage.drive(id);
  });

  it("a newer link makes the older one void, and the end of the rotation makes all void", async () => {
    const { stage } = world;
    const id = await stage.approved();
    await stage.drive(id, waits("collect"));
    const links: string[] = [];
    for (let count = 0; count < 2; count += 1) {
      const given = await stage.desk.handIn({ rotationId: id, asker: ada });
      links.push(given.kind === "ok" ? given.link.slice(given.link.lastIndexOf("/") + 1) : "");
    }
    expect(await stage.desk.collectPage(links[0] ?? "")).toBe("gone");
    expect(await stage.desk.collectPage(links[1] ?? "")).toMatchObject({ target: "pesaflow test", givenTo: ada.id });
    await stage.desk.press({ rotationId: id, asker: ada, verb: "roll-back", detail: "", onceKey: "stop" });
    expect((await stage.drive(id)).ended?.sentence).toContain("stopped before anything was changed");
    expect(await stage.desk.collectPage(links[1] ?? "")).toBe("gone");
    expect(await stage.desk.handOver(links[1] ?? "", { consumer_key: new Secret("x") })).toBe(false);
  });

  it("without a page the request is refused, and says what to set", async () => {
    const { pageUrl: _none, ...deps } = world.stage.deps;
    const asked = await openDesk(deps).request({
      secret: "pesaflow",
      environment: "test",
      leaked: false,
      because: "",
      asker: ada,
      origin: { channel: "C1", postable: true },
      onceKey: "no page",
    });
    expect(asked).toMatchObject({ kind: "refused", refusal: { code: "no_collect_page" } });
    expect(JSON.stringify(asked)).toContain("KEYTURN_PAGE_URL");
  });
});

describe("a pair of which the portal lets one live", { timeout: 60_000 }, () => {
  it("is asked for again when no place can hold it, then is cut over, and stops with what is live when it fails after that", async () => {
    await using world = await open("single", "https://keyturn.example");
    const { stage, portal, file } = world;
    const id = await stage.approved();
    await stage.drive(id, waits("collect"));
    portal.pairs.clear();
    const unfit = { key: "new:key", secret: "works-at-the-portal-all-the-same" };
    portal.pairs.set(unfit.key, unfit.secret);
    const before = pairIn(file);
    await bring(world, id, unfit);
    const refused = await stage.drive(id, (now) => now.steps["collect"]?.notes["verdict"] !== undefined);
    expect(refused.steps["collect"]?.notes["verdict"]).toMatchObject({ detail: { code: "not_carried" } });
    expect([pairIn(file), refused.block]).toEqual([before, undefined]);
    portal.pairs.set(newPair.key, newPair.secret);
    await bring(world, id, newPair);
    const rotation = await stage.drive(id);
    expect(rotation.ended, JSON.stringify(rotation.block)).toMatchObject({ status: "done" });
    expect(rotation.steps["prove"]?.sentence).toMatch(/^proved: old credential refused \(401/);
    expect(pairIn(file)).toContain(`${newPair.key}:${newPair.secret}`);
  });
});

async function sealedSlots({ database }: World, id: string): Promise<string> {
  const rows = await database.query("SELECT slot FROM keyturn.seals WHERE rotation_id = $1", [id]);
  return rows.map(({ slot }) => String(slot)).join(" ");
}

/** No table holds any of these, in clear or in base64. */
async function expectNowhere({ database }: World, secrets: readonly string[]): Promise<void> {
  const tables = await database.query("SELECT tablename FROM pg_tables WHERE schemaname = 'keyturn'", []);
  const found = await database.query("SELECT 1 FROM keyturn.events WHERE event LIKE $1", [`%${newPair.key}%`]);
  expect(found.length, "the public half, which shows that the search would find it").toBeGreaterThan(0);
  for (const { tablename } of tables) {
    const rows = await database.query(`SELECT t::text AS text FROM keyturn.${String(tablename)} t`, []);
    const text = JSON.stringify(rows);
    for (const secret of secrets) {
      for (const form of [
        secret,
        Buffer.from(secret).toString("base64").replace(/=+$/, ""),
        Buffer.from(secret).toString("hex"),
      ]) {
        expect(text.includes(form), `${String(tablename)} holds a secret`).toBe(false);
      }
    }
  }
}
