import { describe, expect, it } from "vitest";
import { applicationModes } from "./application-modes.ts";
import { applicationCells, type CellResult, inLanes, name, record, runCell } from "./cells.ts";
import { changes, leanly, looksOnly } from "./points.ts";

const killsPerRotation = 14;

describe("a worker that is killed while an application's account is rotated", () => {
  it("leaves one password that logs in, and shows the very session that it had opened before the change", async () => {
    const lanes = applicationModes.map(
      (mode, index) => ({ mode, queue: index % 2 === 0 ? "PostgreSQL" : "Redis" }) as const,
    );
    const results = await inLanes(lanes, 2, async (lane) => {
      const recorded = await record(lane);
      const done = [];
      for (const cell of applicationCells.filter(({ mode, queue }) => mode === lane.mode && queue === lane.queue)) {
        const points = lean(recorded[cell.direction].points);
        const result = await runCell(lane, recorded, { cell, points, perRotation: killsPerRotation, hurry: true });
        process.stderr.write(`${told(result)}\n`);
        done.push(result);
      }
      return done;
    });
    const all = results.flat();
    expect(all.flatMap(({ problems }) => problems)).toEqual([]);
    const points = all.reduce((sum, result) => sum + result.points, 0);
    const kills = all.reduce((sum, result) => sum + result.kills.length, 0);
    expect(points).toBeGreaterThan(100);
    expect(kills).toBeGreaterThan(points * 0.95);
  }, 1_800_000);
});

/**
 * What others can see, before and after, and the appends that say that it will or did happen; of the requests that look at both
 * instances at once, those to the first.
 */
function lean(points: readonly string[]): readonly string[] {
  return leanly(points)
    .filter((point) => !point.includes(" append ") || changes(point))
    .filter((point) => !(looksOnly(point) && / two @/.test(point)));
}

function told({ cell, kills, rotations, extraRestarts, seconds, missed, problems }: CellResult): string {
  const parts = [`${kills.length} kills in ${rotations} rotations`, `${extraRestarts} extra restarts`, `${seconds} s`];
  return [`${name(cell)}: ${parts.join(", ")}`, ...missed.map((point) => `  missed ${point}`), ...problems].join("\n");
}
