import { expect, it } from "vitest";
import { needs } from "../servers/need.ts";
import { inLanes, kubernetesCells, name, record, runCell, spread } from "./cells.ts";
import { judge } from "./judge.ts";
import { clusterPrograms } from "./kubernetes-target.ts";
import { atTheApplication } from "./points.ts";

/** Few enough that of the points of a publish, which lie close together, none makes another one impossible. */
const killsPerRotation = 8;

needs(...clusterPrograms)("a worker that is killed anywhere, on Kubernetes", () => {
  // Appends of the other steps are those of the lanes without a cluster; `npm run crash` has them here too.
  it("leaves a rotation that ends the same, with not one roll-out more: every request to the API server and publish once", async () => {
    const lanes = kubernetesCells.slice(0, 1);
    const [results = []] = await inLanes(lanes, 1, async (lane) => {
      const started = performance.now();
      const all = await record(lane);
      process.stderr.write(`recorded in ${Math.round((performance.now() - started) / 1_000)} s\n`);
      const { rotated: once } = all.forward;
      const twice = { ...once, killedAt: ["somewhere"], restarts: { "deployment/backend": 2 } };
      expect(await judge(lane, twice, once)).toContain("1 extra restarts after 1 kills");
      const of = ({ rotated, points }: typeof all.forward) => ({ rotated, points: points.filter(atTheApplication) });
      const recorded = { forward: of(all.forward), rollback: of(all.rollback) };
      const given = spread(new Map([[lane.mode, recorded]]), kubernetesCells);
      const done = [];
      for (const cell of kubernetesCells) {
        const points = given.get(cell) ?? [];
        const result = await runCell(lane, recorded, { cell, points, perRotation: killsPerRotation, hurry: true });
        process.stderr.write(
          `${name(cell)}: ${JSON.stringify({ ...result, cell: undefined, kills: result.kills.length })}\n`,
        );
        done.push(result);
      }
      return done;
    });

    expect(results.flatMap(({ problems }) => problems)).toEqual([]);
    const points = results.reduce((sum, result) => sum + result.points, 0);
    const kills = results.flatMap((result) => result.kills);
    expect(points).toBeGreaterThan(20);
    expect(kills.length).toBeGreaterThan(points * 0.85);
    for (const text of [
      "PATCH deployments/backend",
      "PATCH secrets/backend (metadata)",
      "PATCH secrets/backend (data, metadata)",
    ]) {
      for (const when of ["before", "after"]) {
        expect(
          kills.filter((point) => point.startsWith(`${when} ${text}`)),
          `${when} ${text}`,
        ).not.toEqual([]);
      }
    }
    expect(results.map(({ refused, extraRestarts }) => ({ refused, extraRestarts }))).toEqual(
      kubernetesCells.map(() => ({ refused: 0, extraRestarts: 0 })),
    );
  }, 900_000);
});
