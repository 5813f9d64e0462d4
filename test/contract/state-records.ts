import { describe, expect, it } from "vitest";
import { Secret } from "../../src/core/secret.ts";
import type { StateWorld } from "./state.ts";
import { appendOf, created, entry, eventOf, held } from "./state-samples.ts";

/** Everything beside the journal: audit, late outcomes, cursors, notices, deliveries, pins, the clock. */
export function recordLaws(world: () => StateWorld): void {
  describe("records", () => {
    it("chain audit entries that are written at once by two processes", async () => {
      const { state, other } = world();
      const before = (await state.verifyAudit()).entries;
      await Promise.all(
        Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? state : other).audit(entry(undefined, `${index}`))),
      );
      const verified = await other.verifyAudit();
      expect(verified).toEqual({ ok: true, entries: before + 40, head: await state.auditHead() });
    });

    it("give a late outcome to the next holder, the first report of an effect standing", async () => {
      const { state, other } = world();
      const id = await created(state);
      await state.addLateOutcome(id, 1, "issue", new Secret("first"));
      await state.addLateOutcome(id, 1, "issue", new Secret("second"));
      const late = await other.lateOutcomes(id);
      expect(late.map((each) => [each.epoch, each.effect, each.outcome.reveal()])).toEqual([[1, "issue", "first"]]);
      await state.append(await held(state, id), 1, { ...appendOf(id, [eventOf("end")]), destroySeals: true });
      await state.addLateOutcome(id, 1, "test", new Secret("third"));
      expect(await other.lateOutcomes(id)).toEqual([]);
    });

    it("let one of many replace a cursor", async () => {
      const { state, other } = world();
      const id = await created(state);
      expect(await state.cursor.read(id)).toBeUndefined();
      const first = await Promise.all([state.cursor.write(id, undefined, "a"), other.cursor.write(id, undefined, "b")]);
      expect(first.filter(Boolean)).toHaveLength(1);
      const stands = await state.cursor.read(id);
      const next = await Promise.all([state.cursor.write(id, stands, "c"), other.cursor.write(id, stands, "d")]);
      expect(next.filter(Boolean)).toHaveLength(1);
    });

    it("keep the first time that a notice was accepted", async () => {
      const { state, other } = world();
      const id = await created(state);
      expect(await state.notices.accepted(id, "disable")).toBeUndefined();
      await state.notices.accept(id, "disable");
      const at = await other.notices.accepted(id, "disable");
      await other.notices.accept(id, "disable");
      expect(await state.notices.accepted(id, "disable")).toBe(at);
      expect(at).toMatch(/Z$/);
    });

    it("tell one of ten processes that a delivery is new", async () => {
      const { state, other } = world();
      const key = `envelope-${Math.random()}`;
      const seen = await Promise.all(
        Array.from({ length: 10 }, (_, index) => (index % 2 === 0 ? state : other).firstTime(key)),
      );
      expect(seen.filter(Boolean)).toHaveLength(1);
    });

    it("return the pinned value to whoever pins another", async () => {
      const { state, other } = world();
      const name = `workspace-${Math.random()}`;
      expect(await state.pin(name, "T1")).toBe("T1");
      expect(await other.pin(name, "T2")).toBe("T1");
    });

    it("take the time from the database, with milliseconds", async () => {
      expect(await world().state.now()).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    });
  });
}
