import { describe, expect, it } from "vitest";
import { LeaseLost } from "../../src/core/errors.ts";
import { eventually } from "./eventually.ts";
import type { StateWorld } from "./state.ts";
import { ada, appendOf, created, entry, eventOf, held } from "./state-samples.ts";

/** Who may act, and what is due. */
export function leaseLaws(world: () => StateWorld): void {
  describe("leases", () => {
    it("gives a free lease to one of many who ask at once", async () => {
      const { state, other } = world();
      const id = await created(state);
      const asked = Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? state : other).acquire(id, `w${index}`, 60_000),
      );
      const leases = (await Promise.all(asked)).filter((lease) => lease !== undefined);
      expect(leases).toHaveLength(1);
      expect(leases[0]?.epoch).toBe(1);
    });

    it("does not give a live lease out twice, not even to its own holder", async () => {
      const { state } = world();
      const id = await created(state);
      await held(state, id, "w1");
      expect(await state.acquire(id, "w1", 60_000)).toBeUndefined();
    });

    it("gives an expired lease to the next with a higher epoch, and the old holder cannot prolong it", async () => {
      const { state, other } = world();
      const id = await created(state);
      const old = await held(state, id, "w1", 1);
      const fresh = await takeOver(other, id);
      expect(fresh.epoch).toBe(old.epoch + 1);
      expect(await state.renew(old, 60_000)).toBeUndefined();
      await state.release(old);
      expect((await other.renew(fresh, 60_000))?.epoch).toBe(fresh.epoch);
    });

    it("keeps the epoch growing over a lease that was given back", async () => {
      const { state } = world();
      const id = await created(state);
      const first = await held(state, id);
      await state.release(first);
      expect((await held(state, id)).epoch).toBe(2);
    });

    it("says since when an overtaken holder may have had a call under way, and goes on saying it", async () => {
      const { state, other } = world();
      const id = await created(state);
      const first = await held(state, id);
      expect(first.overtakenAt).toBeUndefined();
      await state.release(first);
      expect((await held(state, id, "w1", 1)).overtakenAt).toBeUndefined();
      const before = await state.now();
      const fresh = await takeOver(other, id);
      expect(fresh.overtakenAt).toMatch(/Z$/);
      expect((fresh.overtakenAt ?? "") >= before).toBe(true);
      await other.release(fresh);
      expect((await held(state, id)).overtakenAt).toBe(fresh.overtakenAt);
    });

    it("measures what is left of a lease from before it asked", async () => {
      const { state } = world();
      const id = await created(state);
      const before = performance.now();
      const lease = await held(state, id, "w1", 60_000);
      expect(lease.untilMonotonicMs).toBeGreaterThanOrEqual(before + 60_000);
      expect(lease.untilMonotonicMs).toBeLessThanOrEqual(performance.now() + 60_000);
    });

    it("says that there is no such rotation rather than that its lease is taken", async () => {
      await expect(world().state.acquire("nobody", "w1", 1_000)).rejects.toMatchObject({ code: "unknown_rotation" });
    });

    it("lets the holder go on appending after its lease ran out, until another takes it", async () => {
      const { state } = world();
      const id = await created(state);
      const lease = await held(state, id, "w1", 1);
      expect((await state.append(lease, 1, appendOf(id, [eventOf("kept")]))).kind).toBe("appended");
      await takeOver(state, id);
      await expect(state.append(lease, 2, appendOf(id, [eventOf("late")]))).rejects.toBeInstanceOf(LeaseLost);
    });
  });

  describe("what is due", () => {
    it("is a rotation whose time has come, and not while somebody holds it", async () => {
      const { state } = world();
      const past = await created(state, {}, { dueAt: "2020-01-01T00:00:00.000Z" });
      const future = await created(state, {}, { dueAt: "2099-01-01T00:00:00.000Z" });
      const ended = await created(state, {}, { dueAt: "2020-01-01T00:00:00.000Z", status: "ended" });
      const due = await state.due();
      expect([past, future, ended].map((id) => due.includes(id))).toEqual([true, false, false]);
      await held(state, past);
      expect(await state.due()).not.toContain(past);
    });

    it("is one with a command that nobody has answered", async () => {
      const { state } = world();
      const id = await created(state);
      await state.addCommand({ rotationId: id, verb: "hold", actor: ada, detail: "" }, "k", entry(id));
      expect(await state.due()).toContain(id);
      const lease = await held(state, id);
      const consumed = (await state.commands(id)).map((command) => command.id);
      await state.append(lease, 1, appendOf(id, [eventOf("held")], { consumed }));
      await state.release(lease);
      expect(await state.due()).not.toContain(id);
    });

    it("is one with a vote that came after its last holder had begun", async () => {
      const { state } = world();
      const id = await created(state);
      const vote = { rotationId: id, actor: ada, decision: "approve", digest: "d", subject: "plan" } as const;
      const lease = await held(state, id);
      await state.addVote(vote, entry(id));
      await state.release(lease);
      expect(await state.due()).toContain(id);
      await state.release(await held(state, id));
      expect(await state.due()).not.toContain(id);
    });

    it("is one again when the time has come that its holder named as it gave the lease back", async () => {
      const { state } = world();
      const id = await created(state, {}, { dueAt: "2020-01-01T00:00:00.000Z" });
      await state.release(await held(state, id), 86_400_000);
      expect(await state.due()).not.toContain(id);
      expect((await state.list({ open: true })).find((row) => row.id === id)?.dueAt).toMatch(/Z$/);
      await state.release(await held(state, id), 0);
      expect(await state.due()).toContain(id);
    });

    it("is one that waits for people only after a press", async () => {
      const { state } = world();
      const id = await created(state, {}, { dueAt: "2020-01-01T00:00:00.000Z" });
      await state.release(await held(state, id), Number.POSITIVE_INFINITY);
      expect(await state.due()).not.toContain(id);
      await state.addCommand({ rotationId: id, verb: "hold", actor: ada, detail: "" }, "k", entry(id));
      expect(await state.due()).toContain(id);
    });

    it("is not put off by a holder that lost its lease", async () => {
      const { state } = world();
      const id = await created(state, {}, { dueAt: "2020-01-01T00:00:00.000Z" });
      const old = await held(state, id, "w1", 1);
      await state.release(await takeOver(state, id));
      await state.release(old, 86_400_000);
      expect(await state.due()).toContain(id);
    });

    it("is one whose holder went away without giving the lease back", async () => {
      const { state } = world();
      const id = await created(state);
      await held(state, id, "w1", 1);
      await eventually(() => state.due()).toContain(id);
      expect(await state.orphaned()).toContain(id);
      await state.release(await takeOver(state, id));
      expect(await state.orphaned()).not.toContain(id);
    });
  });
}

async function takeOver(state: StateWorld["state"], id: string) {
  for (;;) {
    const lease = await state.acquire(id, "w2", 60_000);
    if (lease !== undefined) return lease;
  }
}
