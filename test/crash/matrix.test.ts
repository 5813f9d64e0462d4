import { describe, expect, it } from "vitest";
import { type CellResult, cells, inLanes, name, type Recorded, record, runCell, spread } from "./cells.ts";
import { type AnyLane, type Mode, modes } from "./lane.ts";
import { leanly } from "./points.ts";
import { tokenModes } from "./token-modes.ts";

const sideBySide = 4;
const killsPerRotation = 14;

describe("a worker that is killed anywhere", () => {
  it("leaves a rotation that ends the same: every point once, spread over rotators, queues and directions", async () => {
    const recorded = new Map<Mode, Recorded>();
    const every = [...modes, ...tokenModes];
    const once = every.map((mode, index) => ({ mode, queue: index % 2 === 0 ? "PostgreSQL" : "Redis" }) as const);
    await inLanes(once, sideBySide, async (lane) => recorded.set(lane.mode, lean(lane, await record(lane))));
    const given = spread(recorded);
    const lanes = cells.filter(({ direction }) => direction === "forward");
    const results = await inLanes(lanes, sideBySide, async (lane) => {
      const mine = cells.filter(({ mode, queue }) => mode === lane.mode && queue === lane.queue);
      const known = recorded.get(lane.mode);
      const done = [];
      for (const cell of mine) {
        const points = given.get(cell) ?? [];
        if (known === undefined) continue;
        const result = await runCell(lane, known, { cell, points, perRotation: killsPerRotation, hurry: true });
        process.stderr.write(`${told(result)}\n`);
        done.push(result);
      }
      return done;
    });
    const all = results.flat();
    expect(all.flatMap(({ problems }) => problems)).toEqual([]);
    const points = [...given.values()].flat().length;
    const kills = all.reduce((sum, result) => sum + result.kills.length, 0);
    expect(points).toBeGreaterThan(150);
    // Points that depend on the moment (a poll more or less) may not come up a second time.
    expect(kills).toBeGreaterThan(points * 0.95);
  }, 2_100_000);
});

/** The lanes of several stores and instances have several points for each publish and roll-out; `npm run crash` takes them all. */
function lean({ mode }: AnyLane, { forward, rollback }: Recorded): Recorded {
  const some = tokenModes.some((each) => each === mode) ? leanly : (points: readonly string[]) => points;
  return {
    forward: { ...forward, points: some(forward.points) },
    rollback: { ...rollback, points: some(rollback.points) },
  };
}

function told({ cell, kills, rotations, extraRestarts, slowestResumeMs, seconds, missed }: CellResult): string {
  return `${name(cell)}: ${kills.length} kills in ${rotations} rotations, ${extraRestarts} extra restarts, slowest resume ${slowestResumeMs} ms, ${seconds} s, missed ${missed.length}`;
}
