import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Secret } from "../../src/core/secret.ts";
import { needsKeys } from "../../src/state/data-keys.ts";
import { openState } from "../../src/state/open-state.ts";
import { appendOf, created, eventOf, headline, held, sealOf } from "../contract/state-samples.ts";
import { keptLog, sealKeys, stateWorld } from "./world.ts";

describe("seal keys", () => {
  let world: Awaited<ReturnType<typeof stateWorld>>;
  beforeAll(async () => {
    world = await stateWorld();
  });
  afterAll(() => world[Symbol.asyncDispose]());

  const opened = (keys: Parameters<typeof openState>[0]["sealKeys"]) =>
    openState({ connection: { connectionString: world.database.url }, sealKeys: keys, log: keptLog() });

  it("are refused at the start while an open rotation needs another one, and no longer when it has ended", async () => {
    const { state, database } = world;
    const connection = { connectionString: database.url };
    const id = await created(state, { seals: [sealOf("pending", "password", "value")] });
    expect(await needsKeys(connection, keptLog())).toEqual(["k1"]);
    const other = new Secret("another key of at least 32 characters");
    await expect(opened({ current: "k2", keys: { k2: other } })).rejects.toMatchObject({
      code: "seal_key_missing",
      message: /k1/,
    });
    await expect(opened({ current: "k1", keys: { k1: other } })).rejects.toMatchObject({
      code: "seal_key_wrong",
      hint: expect.stringContaining(id),
    });
    const both = await opened({ current: "k2", keys: { ...sealKeys.keys, k2: other } });
    expect((await both.unseal(id, "pending"))["password"]?.reveal()).toBe("value");
    await both.close();
    const end = appendOf(id, [eventOf("end")], { destroySeals: true, headline: headline(id, { status: "ended" }) });
    await state.append(await held(state, id), 1, end);
    expect(await needsKeys(connection, keptLog())).toEqual([]);
    await (await opened({ current: "k2", keys: { k2: other } })).close();
  });

  it("are refused when the current one is not there or too short", async () => {
    await expect(opened({ current: "k9", keys: sealKeys.keys })).rejects.toMatchObject({ code: "seal_key_missing" });
    await expect(opened({ current: "k1", keys: { k1: new Secret("short") } })).rejects.toMatchObject({
      code: "seal_key_weak",
    });
  });
});
