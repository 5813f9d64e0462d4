import { readFile, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loginWith } from "../../sandbox/world/login.ts";
import type { Rotation } from "../../src/core/rotation.ts";
import { type FreshDatabase, freshDatabase } from "../servers/fresh-database.ts";
import { openShop, type Shop } from "./shop.ts";
import { openStage, type Stage } from "./stage.ts";

const lin = { kind: "slack", id: "U-lin", team: "T1" } as const;

describe("the way back of postgres-role, dual", { timeout: 180_000 }, () => {
  let database: FreshDatabase;
  let shop: Shop;
  let stage: Stage;

  beforeEach(async () => {
    database = await freshDatabase();
    shop = await openShop({ server: database.server, mode: "dual", watchMs: 4_000 });
    stage = await openStage({ databaseUrl: database.url, ...shop });
  });

  afterEach(async () => {
    await stage?.close();
    await shop?.close();
    await database?.[Symbol.asyncDispose]();
  });

  it.each(["issue", "publish", "rollout", "grace", "disable"])(
    "taken after %s: the old one works throughout, the new one is gone",
    async (last) => {
      const before = await shop.url();
      const id = await stage.approved();
      await stage.drive(
        id,
        (rotation) =>
          rotation.steps[last]?.status === "done" || (last === "grace" && rotation.graceUntil !== undefined),
        last,
      );

      const answer = await stage.desk.press({
        rotationId: id,
        asker: lin,
        verb: "roll-back",
        detail: "",
        onceKey: "once",
      });
      const rotation = await stage.drive(id);

      expect(answer.kind).toBe("ok");
      expect(rotation.ended, report(rotation)).toMatchObject({ status: "rolled_back", leftovers: [] });
      expect(await shop.url()).toBe(before);
      expect((await loginWith("postgres", before, "probe").login()).outcome).toBe("accepted");
      expect((await shop.world.totals()).refused).toBe(0);
      const roles = await database.server.query("SELECT rolcanlogin FROM pg_roles WHERE rolname = $1", [shop.roles.b]);
      expect(roles).toEqual([{ rolcanlogin: false }]);
    },
  );
  it("puts the line of the old value back byte for byte, as somebody wrote it", async () => {
    const quoted = (text: string) =>
      text.replace(/^DATABASE_URL=(.*)$/m, '  DATABASE_URL = "$1?application_name=5\\$$"  # who: ops');
    await writeFile(shop.envFile, quoted(await readFile(shop.envFile, "utf8")));
    const before = await readFile(shop.envFile, "utf8");
    expect(before).toContain('application_name=5\\$"  # who: ops');
    const id = await stage.approved();
    await stage.drive(id, (rotation) => rotation.steps["publish"]?.status === "done", "publish");
    expect(await readFile(shop.envFile, "utf8")).toContain("application_name=5$'  # who: ops");

    await stage.desk.press({ rotationId: id, asker: lin, verb: "roll-back", detail: "", onceKey: "once" });
    const rotation = await stage.drive(id);

    expect(rotation.ended, report(rotation)).toMatchObject({ status: "rolled_back", leftovers: [] });
    expect(await readFile(shop.envFile, "utf8")).toBe(before);
  });
});

function report(rotation: Rotation): string {
  return JSON.stringify([
    rotation.block,
    rotation.turnedBack,
    Object.entries(rotation.steps).map(([id, { status, reason }]) => [id, status, reason]),
  ]);
}
