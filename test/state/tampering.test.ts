import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Secret } from "../../src/core/secret.ts";
import { collectSlot } from "../../src/core/state.ts";
import { openState } from "../../src/state/open-state.ts";
import { ada, appendOf, created, entry, eventOf, held, sealOf } from "../contract/state-samples.ts";
import { keptLog, sealKeys, stateWorld } from "./world.ts";

describe("somebody who writes to the database by hand", () => {
  let world: Awaited<ReturnType<typeof stateWorld>>;
  beforeAll(async () => {
    world = await stateWorld();
  });
  afterAll(() => world[Symbol.asyncDispose]());

  const approve = (rotationId: string) =>
    ({ rotationId, actor: ada, decision: "approve", digest: "d1", subject: "plan" }) as const;

  it("adds no vote, and does not keep the person from voting", async () => {
    const { state, database, log } = world;
    const id = await created(state);
    await database.query(
      `INSERT INTO keyturn.votes VALUES ($1, 'plan', 'slack', $2, 'T1', 'approve', 'd1', '', now(), 'k1', decode(repeat('00', 32), 'hex'))`,
      [id, ada.id],
    );
    expect(await state.votes(id)).toEqual([]);
    expect(log.lines).toContainEqual(expect.objectContaining({ level: "error", fields: { rotationId: id, count: 1 } }));
    expect(await state.addVote(approve(id), entry(id))).toBe(true);
    expect(await state.votes(id)).toHaveLength(1);
  });

  it.each([
    ["the decision", "decision = 'reject'"],
    ["the digest", "digest = 'd2'"],
    ["the person", "actor_id = 'UEVE'"],
    ["the team", "team = 'T2'"],
    ["the subject", "subject = 'retire-now:3'"],
    ["the time", "at = at + interval '1 millisecond'"],
  ])("makes a vote void by changing %s", async (_what, change) => {
    const { state, database } = world;
    const id = await created(state);
    await state.addVote(approve(id), entry(id));
    expect(await state.votes(id)).toHaveLength(1);
    await database.query(`UPDATE keyturn.votes SET ${change} WHERE rotation_id = $1`, [id]);
    expect(await state.votes(id)).toEqual([]);
  });

  it("cannot copy a vote to another rotation", async () => {
    const { state, database } = world;
    const [from, to] = [await created(state), await created(state)];
    await state.addVote(approve(from), entry(from));
    await database.query(
      `INSERT INTO keyturn.votes SELECT $2, subject, actor_kind, actor_id, team, decision, digest, because, at, key_id, mac FROM keyturn.votes WHERE rotation_id = $1`,
      [from, to],
    );
    expect(await state.votes(to)).toEqual([]);
  });

  const link = (rotationId: string) => ({ id: `l-${rotationId}`, rotationId, actor: ada, fields: ["key"] });
  const handed = { key: new Secret("handed-in") };

  it.each([
    ["the person", "actor_id = 'UEVE'"],
    ["the fields", `fields = '["other"]'`],
    ["the end", "expires_at = expires_at + interval '1 day'"],
    ["the token", "token_hash = token_hash || 'x'"],
  ])("makes a one-time link void by changing %s", async (_what, change) => {
    const { state, database } = world;
    const id = await created(state);
    await state.collects.open({ ...link(id), tokenHash: `hash-${id}` }, 60_000, entry(id));
    await database.query(`UPDATE keyturn.collects SET ${change} WHERE rotation_id = $1`, [id]);
    for (const tokenHash of [`hash-${id}`, `hash-${id}x`]) {
      expect(await state.collects.find(tokenHash)).toBeUndefined();
      expect(await state.collects.use(tokenHash, handed, entry(id))).toBe(false);
    }
    expect(await state.commands(id)).toEqual([]);
  });

  it("cannot have a one-time link used a second time by opening it again", async () => {
    const { state, database } = world;
    const id = await created(state);
    await state.collects.open({ ...link(id), tokenHash: `hash-${id}` }, 60_000, entry(id));
    expect(await state.collects.use(`hash-${id}`, handed, entry(id))).toBe(true);
    await database.query("UPDATE keyturn.collects SET used_at = NULL WHERE rotation_id = $1", [id]);
    expect(await state.collects.use(`hash-${id}`, { key: new Secret("second") }, entry(id))).toBe(false);
    expect((await state.unseal(id, collectSlot(`l-${id}`)))["key"]?.equals(handed.key)).toBe(true);
    expect(await state.commands(id)).toHaveLength(1);
  });

  it("adds no command, and a forged one does not wake the rotation for ever", async () => {
    const { state, database, log } = world;
    const id = await created(state);
    await database.query(
      `INSERT INTO keyturn.commands VALUES ('forged', $1, 'roll-back', 'slack', $2, 'T1', 'k', now(), '', 'open', 'k1', decode(repeat('00', 32), 'hex'))`,
      [id, ada.id],
    );
    expect(await state.due()).toContain(id);
    expect(await state.commands(id)).toEqual([]);
    expect(log.lines).toContainEqual(
      expect.objectContaining({ level: "error", fields: { rotationId: id, ids: ["forged"] } }),
    );
    expect(await state.due()).not.toContain(id);
  });

  it("cannot have an answered command answered again", async () => {
    const { state, database } = world;
    const id = await created(state);
    await state.addCommand({ rotationId: id, verb: "hold", actor: ada, detail: "" }, "k", entry(id));
    const consumed = (await state.commands(id)).map((command) => command.id);
    await state.append(await held(state, id), 1, appendOf(id, [eventOf("held")], { consumed }));
    await database.query(`UPDATE keyturn.commands SET state = 'open' WHERE rotation_id = $1`, [id]);
    expect(await state.commands(id)).toEqual([]);
  });

  it("cannot move a sealed value to another slot, position or rotation, nor rename its target", async () => {
    const { state, database } = world;
    const id = await sealed();
    await database.query("UPDATE keyturn.seals SET slot = 'current' WHERE rotation_id = $1", [id]);
    await expect(state.unseal(id, "current")).rejects.toMatchObject({ code: "seal_broken" });
    const second = await sealed();
    await database.query("UPDATE keyturn.seals SET position = 'username' WHERE rotation_id = $1", [second]);
    await expect(state.unseal(second, "pending")).rejects.toMatchObject({ code: "seal_broken" });
    const third = await sealed();
    const fourth = await sealed();
    await database.query(
      "UPDATE keyturn.seals SET sealed = (SELECT sealed FROM keyturn.seals WHERE rotation_id = $1) WHERE rotation_id = $2",
      [third, fourth],
    );
    await expect(state.unseal(fourth, "pending")).rejects.toMatchObject({ code: "seal_broken" });
    await database.query("UPDATE keyturn.rotations SET environment = 'demo' WHERE id = $1", [third]);
    await expect(state.unseal(third, "pending")).rejects.toMatchObject({ code: "seal_broken" });
  });

  it("cannot give a rotation the data key of another", async () => {
    const { state, database } = world;
    const [one, two] = [await sealed(), await sealed()];
    await database.query(
      "UPDATE keyturn.rotations SET wrapped_key = (SELECT wrapped_key FROM keyturn.rotations WHERE id = $1) WHERE id = $2",
      [one, two],
    );
    await expect(state.unseal(two, "pending")).rejects.toMatchObject({ code: "seal_broken" });
    const connection = { connectionString: database.url };
    await expect(openState({ connection, sealKeys, log: keptLog() })).rejects.toMatchObject({ code: "seal_key_wrong" });
    await database.query("UPDATE keyturn.rotations SET status = 'ended' WHERE id = $1", [two]);
  });

  function sealed(): Promise<string> {
    return created(world.state, { seals: [sealOf("pending", "password", "value")] });
  }
});
