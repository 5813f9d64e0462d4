import { expect, it } from "vitest";
import { needs } from "../servers/need.ts";
import { inLanes, kubernetesCells, name, type Recorded, record, runCell, spread } from "./cells.ts";
import { judge } from "./judge.ts";
import { clusterPrograms } from "./kubernetes-target.ts";
import type { AnyLane, Mode } from "./lane.ts";
import { atTheApplication } from "./points.ts";

const sideBySide = 2;
/** Each costs some seconds, a whole rotation some more. */
const killsPerRotation = 8;
/** What changes something, and has to be among the points before and after which a worker was killed. */
const writes = [
  "PATCH deployments/backend (metadata, spec)",
  "PATCH statefulsets/backend (metadata, spec)",
  "PATCH secrets/backend (metadata)",
  "PATCH secrets/backend (data, metadata)",
  "PATCH configmaps/backend-config (metadata)",
  "PATCH configmaps/backend-config (data, metadata)",
  "CREATE secrets",
  "DELETE secrets/backend",
];

needs(...clusterPrograms)("a worker that is killed anywhere, on Kubernetes", () => {
  // Appends of the other steps are those of the lanes without a cluster; `npm run crash` has them here too.
  it("leaves a rotation that ends the same, with not one roll-out and not one object more: every request to the API server once, spread over stores and workloads", async () => {
    const lanes = kubernetesCells.filter(({ direction }) => direction === "forward");
    const recorded = new Map<Mode, Recorded>();
    await inLanes(lanes, sideBySide, async (lane) => {
      const all = await record(lane);
      await watchGuards(lane, all);
      const of = ({ rotated, points }: typeof all.forward) => ({ rotated, points: points.filter(atTheApplication) });
      recorded.set(lane.mode, { forward: of(all.forward), rollback: of(all.rollback) });
    });
    const given = spread(recorded, kubernetesCells);
    const results = (
      await inLanes(lanes, sideBySide, async (lane) => {
        const known = recorded.get(lane.mode);
        const done = [];
        for (const cell of kubernetesCells.filter(({ mode }) => mode === lane.mode)) {
          const points = given.get(cell) ?? [];
          if (known === undefined) continue;
          const result = await runCell(lane, known, { cell, points, perRotation: killsPerRotation, hurry: true });
          const { kills } = result;
          process.stderr.write(`${name(cell)}: ${JSON.stringify({ ...result, cell: "", kills: kills.length })}\n`);
          done.push(result);
        }
        return done;
      })
    ).flat();

    expect(results.flatMap(({ problems }) => problems)).toEqual([]);
    const points = [...given.values()].flat().length;
    const kills = results.flatMap((result) => result.kills);
    expect(points).toBeGreaterThan(40);
    expect(kills.length).toBeGreaterThan(points * 0.85);
    const passed = (point: string): boolean => kills.some((kill) => kill.startsWith(`${point} @ `));
    const both = writes.flatMap((text) => [`before ${text}`, `after ${text}`]);
    expect(both.filter((point) => !passed(point))).toEqual([]);
    expect(results.map(({ refused, extraRestarts }) => ({ refused, extraRestarts }))).toEqual(
      kubernetesCells.map(() => ({ refused: 0, extraRestarts: 0 })),
    );
  }, 1_500_000);
});

/** A roll-out more, an object more and somebody refused are found in each lane. */
async function watchGuards(lane: AnyLane, { forward: { rotated: once } }: Recorded): Promise<void> {
  const more = (all: Readonly<Record<string, number>>) =>
    Object.fromEntries(Object.entries(all).map(([what, times]) => [what, times + 1]));
  const { restarts, objects } = once;
  const other = { ...once, killedAt: ["somewhere"], restarts: more(restarts), objects: more(objects), refused: 1 };
  const found = await judge(lane, other, once);
  expect(Object.values(restarts)).toEqual([1]);
  expect(found).toContain("1 extra restarts after 1 kills");
  expect(found.filter((problem) => /^(objects|refused)/.test(problem))).toHaveLength(2);
  expect(await judge(lane, once, once)).toEqual([]);
}
