import { describe, expect, it } from "vitest";
import type { Actor } from "../../src/core/state.ts";
import type { StateWorld } from "./state.ts";
import { ada, appendOf, created, entry, eventOf, held } from "./state-samples.ts";

const lin: Actor = { kind: "slack", id: "ULIN", team: "T1" };

/** Presses: each counts once, whoever delivers it how often. */
export function pressLaws(world: () => StateWorld): void {
  describe("presses", () => {
    it("make one vote out of 50 at once, with one audit entry", async () => {
      const { state, other } = world();
      const id = await created(state);
      const before = (await state.verifyAudit()).entries;
      const vote = { rotationId: id, actor: ada, decision: "approve", digest: "d1", subject: "plan" } as const;
      const results = await Promise.all(
        Array.from({ length: 50 }, (_, index) => (index % 2 === 0 ? state : other).addVote(vote, entry(id))),
      );
      expect(results.filter(Boolean)).toHaveLength(1);
      expect(await state.votes(id)).toMatchObject([vote]);
      expect((await state.verifyAudit()).entries).toBe(before + 1);
    });

    it("count per subject and per person, and the first decision stands", async () => {
      const { state } = world();
      const id = await created(state);
      const plan = { rotationId: id, actor: ada, decision: "approve", digest: "d1", subject: "plan" } as const;
      expect(await state.addVote(plan, entry(id))).toBe(true);
      expect(await state.addVote({ ...plan, decision: "reject" }, entry(id))).toBe(false);
      expect(await state.addVote({ ...plan, subject: "retire-now:3" }, entry(id))).toBe(true);
      expect(await state.addVote({ ...plan, actor: lin }, entry(id))).toBe(true);
      const votes = await state.votes(id);
      expect(votes.map((vote) => [vote.subject, vote.actor, vote.decision])).toEqual(
        expect.arrayContaining([
          ["plan", ada, "approve"],
          ["retire-now:3", ada, "approve"],
          ["plan", lin, "approve"],
        ]),
      );
      expect(votes).toHaveLength(3);
    });

    it("never stand in the way of the holder's appends, nor these in theirs", async () => {
      const { state, other } = world();
      const id = await created(state);
      const pressing = Array.from({ length: 60 }, (_, index) =>
        other.addCommand({ rotationId: id, verb: "hold", actor: ada, detail: "" }, `press-${index}`, entry(id)),
      );
      for (let seq = 1; seq <= 20; seq += 1) {
        const lease = await held(state, id);
        expect((await state.append(lease, seq, appendOf(id, [eventOf("kept")]))).kind).toBe("appended");
        await state.release(lease, 0);
      }
      expect(await Promise.all(pressing)).toEqual(pressing.map(() => true));
    });

    it("are given out as commands in their order until an append answers them", async () => {
      const { state } = world();
      const id = await created(state);
      const hold = { rotationId: id, verb: "hold", actor: ada, detail: "{}" };
      expect(await state.addCommand(hold, "press-1", entry(id))).toBe(true);
      expect(await state.addCommand(hold, "press-1", entry(id))).toBe(false);
      expect(await state.addCommand({ ...hold, verb: "resume" }, "press-2", entry(id))).toBe(true);
      const commands = await state.commands(id);
      expect(commands).toMatchObject([hold, { ...hold, verb: "resume" }]);
      const lease = await held(state, id);
      await state.append(
        lease,
        1,
        appendOf(id, [eventOf("held")], { consumed: commands.slice(0, 1).map((each) => each.id) }),
      );
      expect((await state.commands(id)).map((each) => each.verb)).toEqual(["resume"]);
      expect(await state.addCommand(hold, "press-1", entry(id))).toBe(false);
    });

    it("do not make a healthy holder look stale", async () => {
      const { state, other } = world();
      const id = await created(state);
      const lease = await held(state, id);
      await other.addCommand({ rotationId: id, verb: "hold", actor: ada, detail: "" }, "k", entry(id));
      expect((await state.append(lease, 1, appendOf(id, [eventOf("on")]))).kind).toBe("appended");
    });

    it("are refused for a rotation that does not exist", async () => {
      const { state } = world();
      const head = await state.auditHead();
      const command = { rotationId: "nobody", verb: "hold", actor: ada, detail: "" };
      await expect(state.addCommand(command, "k", entry("nobody"))).rejects.toMatchObject({ code: "unknown_rotation" });
      expect(await state.auditHead()).toBe(head);
    });

    it("keep their signature over text that the database cannot hold as it is", async () => {
      const { state } = world();
      const id = await created(state);
      const strange = "a\u0000b\ud800c";
      await state.addCommand(
        { rotationId: id, verb: "reject", actor: ada, detail: strange },
        strange,
        entry(id, strange),
      );
      expect((await state.commands(id)).map((command) => command.detail)).toEqual(["a\ufffdb\ufffdc"]);
      expect(await state.verifyAudit()).toMatchObject({ ok: true });
    });
  });
}
