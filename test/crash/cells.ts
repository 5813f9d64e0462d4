import { openApplicationLane } from "./application-lane.ts";
import { applicationModes } from "./application-modes.ts";
import { extraRestarts, judge } from "./judge.ts";
import { openKubernetesLane } from "./kubernetes-target.ts";
import { type AnyLane, clusterModes, type Mode, modes, openLane, portalModes } from "./lane.ts";
import type { QueueKind } from "./lane-workers.ts";
import { deal, looksOnly, oncePerPoint, sinceTurn } from "./points.ts";
import { openPortalLane } from "./portal-lane.ts";
import { type Rotated, rotate } from "./rotate.ts";
import { openTokenLane } from "./token-lane.ts";
import { otherTokenModes, tokenModes } from "./token-modes.ts";

export const queueKinds = ["PostgreSQL", "Redis"] as const satisfies readonly QueueKind[];
export type Direction = "forward" | "rollback";
export type Cell = { readonly mode: Mode; readonly queue: QueueKind; readonly direction: Direction };

export const cells = cellsOf([...modes, ...tokenModes]);

/** Further ways to rotate a key that applications know. */
export const keyCells = cellsOf([...otherTokenModes, ...portalModes]);

/** Accounts of applications. */
export const applicationCells = cellsOf(applicationModes);

/** Only on machines that have a cluster. */
export const kubernetesCells: readonly Cell[] = clusterModes.flatMap((mode) =>
  (["forward", "rollback"] as const).map((direction) => ({ mode, queue: "PostgreSQL" as const, direction })),
);

function cellsOf(of: readonly Mode[]): readonly Cell[] {
  return of.flatMap((mode) =>
    queueKinds.flatMap((queue) => (["forward", "rollback"] as const).map((direction) => ({ mode, queue, direction }))),
  );
}

/** Undisturbed runs of one mode, both directions: the list of points, and what the disturbed ones are compared with. */
export type Recorded = Readonly<Record<Direction, { readonly rotated: Rotated; readonly points: readonly string[] }>>;

/** The point at which a person asks to roll back: between two steps, as late as there is a whole way back. */
export function backAtOf(lane: Pick<AnyLane, "target">): string {
  const last = { dual: "disable", single: "rollout", "accept-first": "prove" } as const;
  return `after append step_done ${lane.target.turnAfter ?? last[lane.target.overlap]}`;
}

export async function record(lane: AnyLane): Promise<Recorded> {
  const forward = await rotate(lane, {});
  const back = await rotate(lane, { backAt: backAtOf(lane) });
  return {
    forward: { rotated: forward, points: forward.points },
    rollback: { rotated: back, points: sinceTurn(back.points) },
  };
}

/** What came of the kills of one cell. */
export type CellResult = {
  readonly cell: Cell;
  readonly points: number;
  readonly kills: readonly string[];
  readonly missed: readonly string[];
  readonly ended: number;
  readonly rotations: number;
  readonly refused: number;
  readonly extraRestarts: number;
  readonly slowestResumeMs: number;
  readonly seconds: number;
  readonly problems: readonly string[];
};

export type Work = {
  readonly cell: Cell;
  readonly points: readonly string[];
  readonly perRotation: number;
  readonly hurry: boolean;
};

/** Kills a worker at each of the points, `perRotation` of them in one rotation, and judges every rotation. */
export async function runCell(lane: AnyLane, recorded: Recorded, work: Work): Promise<CellResult> {
  const { cell, hurry } = work;
  const startedMs = performance.now();
  const undisturbed = recorded[cell.direction].rotated;
  const backAt = cell.direction === "rollback" ? { backAt: backAtOf(lane) } : {};
  const problems: string[] = [];
  const done: Rotated[] = [];
  const missed: string[] = [];
  for (const killAt of deal(work.points, work.perRotation)) {
    try {
      const rotated = await rotate(lane, { killAt, hurry, ...backAt });
      const found = await judge(lane, rotated, undisturbed);
      problems.push(...found.map((problem) => `${name(cell)}, killed ${rotated.killedAt.join(" | ")}: ${problem}`));
      missed.push(...killAt.filter((point) => !rotated.killedAt.includes(point)));
      done.push(rotated);
    } catch (error) {
      problems.push(
        `${name(cell)}, killed ${killAt.join(" | ")}: ${error instanceof Error ? error.message : "failed"}`,
      );
      break;
    }
  }
  return {
    cell,
    points: work.points.length,
    kills: done.flatMap(({ killedAt }) => killedAt),
    missed,
    ended: done.length,
    rotations: Math.ceil(work.points.length / work.perRotation),
    refused: done.reduce((sum, { refused }) => sum + refused, 0),
    extraRestarts: done.reduce((sum, rotated) => sum + extraRestarts(rotated, undisturbed), 0),
    slowestResumeMs: Math.max(0, ...done.flatMap(({ resumedAfterMs }) => resumedAfterMs)),
    seconds: Math.round((performance.now() - startedMs) / 1_000),
    problems,
  };
}

/**
 * Every distinct point once: point i runs in cell i mod n of those in which it occurs. A command that only looks is one
 * point, whichever step sends it; in turn another step's is taken.
 */
export function spread(
  recorded: ReadonlyMap<Mode, Recorded>,
  among: readonly Cell[] = cells,
): ReadonlyMap<Cell, readonly string[]> {
  const where = new Map<string, { readonly cell: Cell; readonly point: string }[]>();
  for (const cell of among) {
    for (const point of oncePerPoint(recorded.get(cell.mode)?.[cell.direction].points ?? [])) {
      const key = looksOnly(point) ? (point.split(" @ ")[0] ?? point) : point;
      where.set(key, [...(where.get(key) ?? []), { cell, point }]);
    }
  }
  const given = new Map<Cell, string[]>();
  for (const [index, candidates] of [...where.values()].entries()) {
    const chosen = candidates[index % candidates.length];
    if (chosen !== undefined) given.set(chosen.cell, [...(given.get(chosen.cell) ?? []), chosen.point]);
  }
  return given;
}

/** Opens a lane for each mode and queue, `side` of them side by side, hands each to `work` and closes it. */
export async function inLanes<T>(
  wanted: readonly { readonly mode: Mode; readonly queue: QueueKind }[],
  side: number,
  work: (lane: AnyLane) => Promise<T>,
): Promise<readonly T[]> {
  const results: T[] = [];
  const left = [...wanted];
  const take = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const { mode, queue } = next;
      const lane = await openAnyLane(mode, queue);
      try {
        results.push(await work(lane));
      } finally {
        await lane.close();
      }
    }
  };
  await Promise.all(Array.from({ length: side }, take));
  return results;
}

async function openAnyLane(mode: Mode, queue: QueueKind): Promise<AnyLane> {
  const onCluster = clusterModes.find((each) => each === mode);
  if (onCluster !== undefined) return openKubernetesLane(onCluster, queue);
  const ofApplications = applicationModes.find((each) => each === mode);
  if (ofApplications !== undefined) return openApplicationLane(ofApplications, queue);
  const atPortal = portalModes.find((each) => each === mode);
  if (atPortal !== undefined) return openPortalLane(atPortal, queue);
  const ofTokens = [...tokenModes, ...otherTokenModes].find((each) => each === mode);
  if (ofTokens !== undefined) return openTokenLane(ofTokens, queue);
  return openLane({ mode: modes.find((each) => each === mode) ?? "postgres-role dual", queue });
}

export function name({ mode, queue, direction }: Cell): string {
  return `${mode}, ${queue} queue, ${direction}`;
}
