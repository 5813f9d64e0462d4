import { createHash, randomBytes, randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { Secret } from "../../src/core/secret.ts";
import { collectSlot, type State } from "../../src/core/state.ts";
import type { StateWorld } from "./state.ts";
import { ada, appendOf, created, entry, eventOf, held } from "./state-samples.ts";

const values = { key: new Secret("handed-in-key"), secret: new Secret("handed-in-secret") };

/** One-time links: each is used once, by one, in time, and only while its rotation is open. */
export function collectLaws(world: () => StateWorld): void {
  describe("one-time links", () => {
    it("are used once: the values are sealed, the holder is woken, the audit says so, all or nothing", async () => {
      const { state } = world();
      const rotationId = await created(state);
      const { hash, link } = await opened(state, rotationId);
      expect(await state.collects.find(hash)).toEqual(link);
      expect(await state.collects.find(hash)).toEqual(link);
      const before = (await state.verifyAudit()).entries;
      expect(await state.collects.use(hash, values, entry(rotationId))).toBe(true);
      expect(await state.collects.find(hash)).toBe("gone");
      const sealed = await state.unseal(rotationId, collectSlot(link.id));
      expect(Object.keys(sealed)).toEqual(["key", "secret"]);
      expect(sealed["secret"]?.equals(values.secret)).toBe(true);
      expect(await state.commands(rotationId)).toMatchObject([{ verb: "collected", actor: ada, detail: link.id }]);
      expect(await state.due()).toContain(rotationId);
      expect((await state.verifyAudit()).entries).toBe(before + 1);
      expect(await state.collects.use(hash, values, entry(rotationId))).toBe(false);
      expect(await state.commands(rotationId)).toHaveLength(1);
    });

    it("let one of 20 win who come at once", async () => {
      const { state, other } = world();
      const rotationId = await created(state);
      const { hash } = await opened(state, rotationId);
      const all = Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? state : other).collects.use(hash, values, entry(rotationId)),
      );
      expect((await Promise.all(all)).filter(Boolean)).toHaveLength(1);
      expect(await state.commands(rotationId)).toHaveLength(1);
    });

    it("run out by the database's clock", async () => {
      const { state } = world();
      const rotationId = await created(state);
      const { hash } = await opened(state, rotationId, 0);
      expect(await state.collects.find(hash)).toBe("gone");
      expect(await state.collects.use(hash, values, entry(rotationId))).toBe(false);
      expect(await state.commands(rotationId)).toEqual([]);
    });

    it("are void once a newer one was made", async () => {
      const { state } = world();
      const rotationId = await created(state);
      const first = await opened(state, rotationId);
      const second = await opened(state, rotationId);
      expect(await state.collects.use(first.hash, values, entry(rotationId))).toBe(false);
      expect(await state.collects.find(first.hash)).toBe("gone");
      expect(await state.collects.use(second.hash, values, entry(rotationId))).toBe(true);
    });

    it("end with their rotation, and cannot be made for one that has ended", async () => {
      const { state } = world();
      const rotationId = await created(state);
      const { hash } = await opened(state, rotationId);
      const lease = await held(state, rotationId);
      await state.append(lease, 1, appendOf(rotationId, [eventOf("over")], { destroySeals: true }));
      expect(await state.collects.find(hash)).toBe("gone");
      expect(await state.collects.use(hash, values, entry(rotationId))).toBe(false);
      await expect(opened(state, rotationId)).rejects.toMatchObject({ code: "seals_destroyed" });
    });

    it("are unknown by any other token", async () => {
      const { state } = world();
      const rotationId = await created(state);
      await opened(state, rotationId);
      expect(await state.collects.find(hashOf("another"))).toBeUndefined();
      expect(await state.collects.use(hashOf("another"), values, entry(rotationId))).toBe(false);
    });

    it("leave nothing of a value when its slot is destroyed with an append", async () => {
      const { state } = world();
      const rotationId = await created(state);
      const { hash, link } = await opened(state, rotationId);
      await state.collects.use(hash, values, entry(rotationId));
      const lease = await held(state, rotationId);
      const destroySlots = [collectSlot(link.id)];
      await state.append(lease, 1, appendOf(rotationId, [eventOf("refused")], { destroySlots }));
      expect(await state.unseal(rotationId, collectSlot(link.id))).toEqual({});
    });
  });
}

async function opened(state: State, rotationId: string, ttlMs = 60_000) {
  const hash = hashOf(randomBytes(32).toString("base64url"));
  const link = await state.collects.open(
    { id: randomUUID(), rotationId, tokenHash: hash, actor: ada, fields: ["key", "secret"] },
    ttlMs,
    entry(rotationId),
  );
  return { hash, link };
}

function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
