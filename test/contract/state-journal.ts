import { describe, expect, it } from "vitest";
import { KeyturnError, LeaseLost } from "../../src/core/errors.ts";
import type { StateWorld } from "./state.ts";
import { appendOf, created, entry, eventOf, headline, held, sealOf } from "./state-samples.ts";

/** Appends: numbered, fenced by the lease, all or nothing. */
export function journalLaws(world: () => StateWorld): void {
  describe("the journal", () => {
    it("numbers events from 1 without gaps and gives them back as they were", async () => {
      const { state, other } = world();
      const id = await created(state);
      const lease = await held(state, id);
      const appended = await state.append(lease, 1, appendOf(id, [eventOf("two"), eventOf("three \u0000 \ud800")]));
      expect(appended.kind).toBe("appended");
      const loaded = await other.load(id);
      expect(loaded.map((stored) => [stored.seq, stored.epoch])).toEqual([
        [1, 0],
        [2, 1],
        [3, 1],
      ]);
      expect(loaded[2]?.event).toEqual(eventOf("three \u0000 \ud800"));
      if (appended.kind === "appended") expect(loaded.slice(1)).toEqual(appended.events);
      expect(loaded[0]?.at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    });

    it("has no events for an unknown rotation and refuses a known id", async () => {
      const { state } = world();
      expect(await state.load("nobody")).toEqual([]);
      const id = await created(state);
      await expect(state.create(id, appendOf(id, [eventOf("again")]))).rejects.toMatchObject({ code: "exists" });
      expect(await state.load(id)).toHaveLength(1);
    });

    it("refuses an append with an older epoch and leaves nothing of it behind", async () => {
      const { state, other } = world();
      const id = await created(state);
      const old = await held(state, id, "w1", 1);
      const fresh = await takeOver(other, id);
      const head = await state.auditHead();
      const late = appendOf(id, [eventOf("late")], {
        seals: [sealOf("pending", "password", "late")],
        audit: [entry(id)],
        lock: [`lock-${id}`],
        headline: headline(id, { line: "late" }),
      });
      await expect(state.append(old, 1, late)).rejects.toBeInstanceOf(LeaseLost);
      expect(await state.load(id)).toHaveLength(1);
      expect(await state.unseal(id, "pending")).toEqual({});
      expect(await state.lockHolders([`lock-${id}`])).toEqual({});
      expect(await state.auditHead()).toBe(head);
      expect((await state.append(fresh, 1, appendOf(id, [eventOf("fresh")]))).kind).toBe("appended");
    });

    it("refuses an append of a holder who has not seen the newest event", async () => {
      const { state } = world();
      const id = await created(state);
      const lease = await held(state, id);
      await state.append(lease, 1, appendOf(id, [eventOf("two")]));
      await expect(state.append(lease, 1, appendOf(id, [eventOf("three")]))).rejects.toBeInstanceOf(LeaseLost);
      expect(await state.load(id)).toHaveLength(2);
    });

    it("takes one of twenty appends that were made from the same sight", async () => {
      const { state } = world();
      const id = await created(state);
      const lease = await held(state, id);
      const results = await Promise.allSettled(
        Array.from({ length: 20 }, (_, index) => state.append(lease, 1, appendOf(id, [eventOf(`try ${index}`)]))),
      );
      expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(1);
      expect(await state.load(id)).toHaveLength(2);
    });

    it("refuses an append under a lease that was given back", async () => {
      const { state } = world();
      const id = await created(state);
      const lease = await held(state, id);
      await state.release(lease);
      await expect(state.append(lease, 1, appendOf(id, [eventOf("late")]))).rejects.toBeInstanceOf(LeaseLost);
    });

    it("refuses an append under an earlier lease of the same holder", async () => {
      const { state } = world();
      const id = await created(state);
      const first = await held(state, id, "w1");
      await state.release(first);
      await held(state, id, "w1");
      await expect(state.append(first, 1, appendOf(id, [eventOf("late")]))).rejects.toBeInstanceOf(LeaseLost);
    });

    it("takes locks all or none, and names who holds the one in the way", async () => {
      const { state } = world();
      const first = await created(state, { lock: ["b", "c"].map((name) => `${name}-locks`) });
      const second = await created(state);
      const lease = await held(state, second);
      const tried = await state.append(
        lease,
        1,
        appendOf(second, [eventOf("never")], { lock: ["a-locks", "b-locks"] }),
      );
      expect(tried).toEqual({ kind: "taken", lock: "b-locks", by: first });
      expect(await state.load(second)).toHaveLength(1);
      expect(await state.lockHolders(["a-locks", "b-locks"])).toEqual({ "b-locks": first });
      await state.append(await held(state, first), 1, appendOf(first, [eventOf("back")], { unlock: ["b-locks"] }));
      const again = await state.append(lease, 1, appendOf(second, [eventOf("now")], { lock: ["a-locks", "b-locks"] }));
      expect(again.kind).toBe("appended");
      expect(await state.lockHolders(["a-locks", "b-locks", "c-locks"])).toEqual({
        "a-locks": second,
        "b-locks": second,
        "c-locks": first,
      });
      await state.append(lease, 2, appendOf(second, [eventOf("done")], { unlock: "all" }));
      expect(await state.lockHolders(["a-locks", "b-locks", "c-locks"])).toEqual({ "c-locks": first });
    });

    it("gives each lock to one of many rotations that want overlapping sets at once", async () => {
      const { state, other } = world();
      const ids = await Promise.all(Array.from({ length: 10 }, () => created(state)));
      const results = await Promise.all(
        ids.map(async (id, index) => {
          const lease = await held(state, id);
          const names = index % 2 === 0 ? ["x-many", "y-many"] : ["y-many", "z-many"];
          return (index % 2 === 0 ? state : other).append(lease, 1, appendOf(id, [eventOf("mine")], { lock: names }));
        }),
      );
      expect(results.filter((result) => result.kind === "appended")).toHaveLength(1);
    });

    it("opens what was sealed, by slot and position, until the seals are destroyed", async () => {
      const { state, other } = world();
      const id = await created(state, {
        seals: [sealOf("pending", "password", "s3cret"), sealOf("store:0", "URL", "url")],
      });
      expect((await other.unseal(id, "pending"))["password"]?.reveal()).toBe("s3cret");
      expect(Object.keys(await other.unseal(id, "store:0"))).toEqual(["URL"]);
      expect(await other.unseal(id, "current")).toEqual({});
      const lease = await held(state, id);
      await state.append(lease, 1, { ...appendOf(id, [eventOf("end")]), destroySeals: true });
      expect(await other.unseal(id, "pending")).toEqual({});
      const more = appendOf(id, [eventOf("more")], { seals: [sealOf("pending", "password", "again")] });
      await expect(state.append(lease, 2, more)).rejects.toBeInstanceOf(KeyturnError);
      expect(await state.load(id)).toHaveLength(2);
    });

    it("shows the headline that was written with the newest append", async () => {
      const { state } = world();
      const id = await created(state, {}, { secret: `s-${Math.random()}`, dueAt: "2099-01-01T00:00:00.000Z" });
      const [row] = await state.list({ open: true, limit: 1000 }).then((rows) => rows.filter((each) => each.id === id));
      expect(row).toMatchObject({ id, status: "running", dueAt: "2099-01-01T00:00:00.000Z" });
      await state.append(
        await held(state, id),
        1,
        appendOf(id, [eventOf("end")], { headline: headline(id, { status: "ended", line: "done" }) }),
      );
      expect((await state.list({ open: true })).some((each) => each.id === id)).toBe(false);
      const target = { secret: row?.secret ?? "", environment: "prod" };
      expect(await state.list(target)).toMatchObject([{ id, status: "ended", line: "done" }]);
    });
  });
}

async function takeOver(state: StateWorld["state"], id: string) {
  for (;;) {
    const lease = await state.acquire(id, "w2", 60_000);
    if (lease !== undefined) return lease;
  }
}
