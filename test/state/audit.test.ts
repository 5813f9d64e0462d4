import { createHash } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openState } from "../../src/state/open-state.ts";
import { entry } from "../contract/state-samples.ts";
import { keptLog, sealKeys, stateWorld } from "./world.ts";

describe("the audit log", () => {
  let world: Awaited<ReturnType<typeof stateWorld>>;
  beforeAll(async () => {
    world = await stateWorld();
    for (let index = 0; index < 1_010; index += 100) {
      await Promise.all(Array.from({ length: 100 }, (_, each) => world.state.audit(entry("r1", `${index + each}`))));
    }
    await world.database.query("CREATE TABLE keyturn.kept AS SELECT * FROM keyturn.audit");
    await world.database.query("CREATE TABLE keyturn.kept_head AS SELECT * FROM keyturn.audit_head");
  });
  afterAll(() => world[Symbol.asyncDispose]());
  beforeEach(async () => {
    await world.database.query("TRUNCATE keyturn.audit, keyturn.audit_head");
    await world.database.query("INSERT INTO keyturn.audit SELECT * FROM keyturn.kept");
    await world.database.query("INSERT INTO keyturn.audit_head SELECT * FROM keyturn.kept_head");
  });

  it("holds, over more entries than are read at once", async () => {
    expect(await world.state.verifyAudit()).toEqual({ ok: true, entries: 1_100, head: await world.state.auditHead() });
  });

  it.each([
    [
      "detail",
      "entry 1050 was changed, or one before it was taken away",
      "UPDATE keyturn.audit SET detail = 'x' WHERE seq = 1050",
    ],
    [
      "actor",
      "entry 7 was changed, or one before it was taken away",
      "UPDATE keyturn.audit SET actor_id = 'UEVE' WHERE seq = 7",
    ],
    [
      "time",
      "entry 7 was changed, or one before it was taken away",
      "UPDATE keyturn.audit SET at = at - interval '1 hour' WHERE seq = 7",
    ],
    ["an entry that was taken away", "entry 500 is missing", "DELETE FROM keyturn.audit WHERE seq = 500"],
    ["an end that was taken away", "entry 1100 is missing", "DELETE FROM keyturn.audit WHERE seq = 1100"],
    [
      "signature",
      "entry 9 has no valid signature",
      "UPDATE keyturn.audit SET mac = decode(repeat('00', 32), 'hex') WHERE seq = 9",
    ],
    [
      "key id",
      "entry 9 was signed under the seal key gone, which is not there",
      "UPDATE keyturn.audit SET key_id = 'gone' WHERE seq = 9",
    ],
    [
      "head",
      "the head does not fit entry 1100",
      "UPDATE keyturn.audit_head SET hash = decode(repeat('11', 32), 'hex')",
    ],
    [
      "end: an entry that was put in behind it",
      "entry 1101 was put in behind the head: nothing can be recorded any more",
      "INSERT INTO keyturn.audit SELECT (jsonb_populate_record(a, jsonb_build_object('seq', 1101))).* FROM keyturn.audit a WHERE seq = 1100",
    ],
  ])("names a changed %s", async (_what, problem, statement) => {
    await world.database.query(statement);
    expect(await world.state.verifyAudit()).toMatchObject({ ok: false, problem });
  });

  it("is not mended by hashes that were computed anew without the key", async () => {
    const [last] = await world.database.query("SELECT * FROM keyturn.audit WHERE seq = 1099");
    const [row] = await world.database.query(
      "SELECT *, to_char(at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"') AS iso FROM keyturn.audit WHERE seq = 1100",
    );
    const before = Buffer.isBuffer(last?.["hash"]) ? last["hash"].toString("hex") : "";
    const text = JSON.stringify([
      before,
      1100,
      row?.["iso"],
      row?.["actor_kind"],
      row?.["actor_id"],
      row?.["team"],
      row?.["verb"],
      row?.["rotation_id"],
      "forged",
    ]);
    const hash = createHash("sha256").update(text).digest();
    await world.database.query("UPDATE keyturn.audit SET detail = 'forged', hash = $1 WHERE seq = 1100", [hash]);
    await world.database.query("UPDATE keyturn.audit_head SET hash = $1", [hash]);
    expect(await world.state.verifyAudit()).toMatchObject({ ok: false, problem: "entry 1100 has no valid signature" });
  });

  it("still holds after the seal key was changed, as long as the earlier one is there", async () => {
    const connection = { connectionString: world.database.url };
    const changed = await openState({ connection, sealKeys: { ...sealKeys, current: "k0" }, log: keptLog() });
    await changed.audit(entry("r1", "under the new key"));
    expect(await changed.verifyAudit()).toMatchObject({ ok: true, entries: 1_101 });
    await changed.close();
  });
});
