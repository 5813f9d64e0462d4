import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { loginWith } from "../../sandbox/world/login.ts";
import type { Rotation } from "../../src/core/rotation.ts";
import { stores } from "../../src/stores/index.ts";
import { type FreshDatabase, freshDatabase } from "../servers/fresh-database.ts";
import { needs } from "../servers/need.ts";
import { type PgBouncer, startPgBouncer } from "../servers/pgbouncer.ts";
import { openShop, type Shop } from "./shop.ts";
import { openStage, type Stage } from "./stage.ts";

const lin = { kind: "slack", id: "U-lin", team: "T1" } as const;

needs("pgbouncer")("postgres-role, dual, through a PgBouncer with auth_file", () => {
  let database: FreshDatabase;
  let bouncer: PgBouncer;
  let shop: Shop;
  let stage: Stage;

  beforeEach(async () => {
    database = await freshDatabase();
    bouncer = await startPgBouncer({
      postgres: database.server,
      mode: "auth_file",
      databases: ["postgres"],
      // In seconds. A pool that nobody uses ends after the first (default: 600); who logs in with a password that the server
      // does not take any more waits for the second (default: 120).
      config: ["server_idle_timeout = 1", "query_wait_timeout = 4"],
    });
    shop = await openShop({ server: database.server, mode: "dual", bouncer });
    const allowedRoots = [shop.folder, dirname(bouncer.authFile)];
    stage = await openStage({
      databaseUrl: database.url,
      ...shop,
      kinds: (kinds) => ({ ...kinds, stores: stores({ allowedRoots }) }),
    });
  });

  afterEach(async () => {
    await stage?.close();
    await shop?.close();
    await bouncer?.[Symbol.asyncDispose]();
    await database?.[Symbol.asyncDispose]();
  });

  it("ends done: no login failed, PgBouncer lets the new one in, and the old one no further than the server", async () => {
    const before = await shop.url();
    const [oldLine] = await linesOf(shop.roles.a);

    const id = await stage.approved();
    const rotation = await stage.drive(id);

    expect(rotation.ended, report(rotation)).toMatchObject({ status: "done" });
    const { logins, refused, errors } = await shop.world.totals();
    expect({ refused, errors }).toEqual({ refused: 0, errors: 0 });
    expect(logins).toBeGreaterThan(100);
    expect(await shop.url()).toContain(`${shop.roles.b}:`);
    expect((await loginWith("postgres", await shop.url(), "probe").login()).outcome).toBe("accepted");
    expect((await loginWith("postgres", before, "probe").login()).outcome).not.toBe("accepted");
    expect(await linesOf(shop.roles.a)).toEqual([oldLine]);
    expect(await linesOf(shop.roles.b)).toEqual([expect.stringMatching(/" "SCRAM-SHA-256\$4096:[^"]+"$/)]);
  });

  it("goes back after the publish, and no login fails, also of instances that run on the new one by then", async () => {
    const before = await shop.url();
    const id = await stage.approved();
    await stage.drive(id, ({ graceUntil }) => graceUntil !== undefined, "grace");
    expect(await shop.url()).not.toBe(before);

    await stage.desk.press({ rotationId: id, asker: lin, verb: "roll-back", detail: "", onceKey: "once" });
    const rotation = await stage.drive(id);

    expect(rotation.ended, report(rotation)).toMatchObject({ status: "rolled_back", leftovers: [] });
    const { refused, errors } = await shop.world.totals();
    expect({ refused, errors }).toEqual({ refused: 0, errors: 0 });
    expect(await shop.url()).toBe(before);
    expect((await loginWith("postgres", before, "probe").login()).outcome).toBe("accepted");
    expect(await linesOf(shop.roles.b)).toHaveLength(1);
  });

  async function linesOf(role: string): Promise<readonly string[]> {
    const text = await readFile(bouncer.authFile, "utf8");
    return text.split("\n").filter((line) => line.startsWith(`"${role}"`));
  }
});

function report(rotation: Rotation): string {
  return JSON.stringify([
    rotation.block,
    rotation.turnedBack,
    Object.entries(rotation.steps).map(([id, { status, reason }]) => [id, status, reason]),
  ]);
}
