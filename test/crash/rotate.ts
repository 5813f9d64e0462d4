import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import type { StoredEvent } from "../../src/core/events.ts";
import type { Child } from "./child.ts";
import type { AnyLane } from "./lane.ts";
import { endLease, press, untilEnded } from "./people.ts";
import { looksOnly } from "./points.ts";
import type { AtIssuer } from "./target.ts";

/** One rotation in a lane, as it was seen from outside. */
export type Rotated = {
  /** Every point that was passed, in order, repeated ones left out. */
  readonly points: readonly string[];
  /** Points at which a worker was killed. */
  readonly killedAt: readonly string[];
  /** From each kill to the first append of the next worker, ms. */
  readonly resumedAfterMs: readonly number[];
  readonly journal: readonly StoredEvent[];
  readonly restarts: Readonly<Record<string, number>>;
  readonly refused: number;
  /** When, where the lane tells. */
  readonly refusals: readonly string[];
  /** Each time that what must hold at every point did not. */
  readonly broken: readonly string[];
  readonly atIssuer: AtIssuer;
  /** Everything that stands where the credential is published. */
  readonly storedBefore: string;
  readonly storedAfter: string;
  readonly objects: Readonly<Record<string, number>>;
  readonly ms: number;
};

export type Disturbance = {
  /** Each is used once: the first time that the point is reached, the worker is killed there. */
  readonly killAt?: readonly string[];
  /** A person asks to roll back at this point of the worker. */
  readonly backAt?: string;
  /** Do not wait until the dead worker's lease has run out, but end it by hand: the database's clock decides, so it is the same. */
  readonly hurry?: boolean;
};

/** Runs one rotation from request to end with a worker that is killed as asked. Rejects when it does not end. */
export async function rotate(lane: AnyLane, { killAt = [], backAt, hurry = false }: Disturbance): Promise<Rotated> {
  const startedMs = performance.now();
  const before = await seen(lane);
  const pending = new Set(killAt);
  const points = new Set<string>();
  const killedAt: string[] = [];
  const resumedAfterMs: number[] = [];
  const now: { rotationId: string; step: string; child?: Child; killedMs?: number; pressed: boolean } = {
    rotationId: "",
    step: "",
    pressed: false,
  };
  let replacing = Promise.resolve();

  async function replace(point: string): Promise<void> {
    killedAt.push(point);
    await now.child?.kill();
    now.killedMs = performance.now();
    await lane.invariant?.look(`killed ${point}`);
    if (hurry) await endLease(lane, now.rotationId);
    start();
  }
  /** Whether this is where the worker had to end. */
  function reached(point: string): boolean {
    points.add(point);
    if (!looksOnly(point)) void lane.invariant?.look(point);
    if (!pending.delete(point)) return false;
    replacing = replacing.then(() => replace(point));
    return true;
  }
  function start(): void {
    const turn = backAt === undefined || now.pressed ? [] : [backAt];
    const onPoint = (point: string): void => {
      if (mine === now.child) heard(point);
    };
    const mine = lane.worker([...pending, ...turn], onPoint, now.step);
    now.child = mine;
  }
  function heard(point: string): void {
    if (point.startsWith("advanced ")) return;
    if (now.killedMs !== undefined && point.startsWith("after append")) {
      resumedAfterMs.push(Math.round(performance.now() - now.killedMs));
      delete now.killedMs;
    }
    const started = /after append step_started (\S+)/.exec(point)?.[1];
    now.step = started ?? now.step;
    if (point === backAt && !now.pressed) {
      // The worker has stopped itself here, so that it finds the press before it does anything else.
      now.pressed = true;
      const stopped = now.child;
      const ends = pending.has(point);
      replacing = replacing.then(async () => {
        await press(lane, now.rotationId, "roll-back");
        await stopped?.stopped();
        if (!ends) stopped?.goOn();
      });
    }
    reached(point);
  }
  async function wire(when: "before" | "after", text: string): Promise<"drop" | "forward"> {
    // What the worker said before it sent this is read first.
    await setImmediate();
    await setImmediate();
    if (now.rotationId === "" || !reached(`${when} ${general(lane, text, now.rotationId)} @ ${now.step}`))
      return "forward";
    await replacing;
    return "drop";
  }
  const unhook = [
    lane.wire.onCommand(({ text }) => wire("before", text)),
    lane.wire.onReply(({ text }) => wire("after", text)),
  ];
  lane.onReload(async (when, instance) => {
    if (reached(`${when} reload ${instance} @ ${now.step}`)) await replacing;
  });
  try {
    now.rotationId = await lane.stage.approved();
    start();
    await untilEnded(lane, now.rotationId);
    await sleep(20);
    await replacing;
    const after = await seen(lane);
    return {
      points: [...points],
      killedAt,
      resumedAfterMs,
      journal: await lane.stage.state.load(now.rotationId),
      restarts: Object.fromEntries(
        Object.entries(after.restarts).map(([id, count]) => [id, count - (before.restarts[id] ?? 0)]),
      ),
      refused: after.refused - before.refused,
      refusals: after.refusals.slice(before.refusals.length),
      broken: after.broken.slice(before.broken.length),
      atIssuer: await lane.target.look(),
      storedBefore: before.stored,
      storedAfter: after.stored,
      objects: (await lane.objects?.()) ?? {},
      ms: Math.round(performance.now() - startedMs),
    };
  } finally {
    for (const off of unhook) off();
    await replacing.catch(() => undefined);
    await now.child?.kill();
  }
}

async function seen(lane: AnyLane) {
  return {
    restarts: await lane.restarts(),
    refused: await lane.refused(),
    refusals: (await lane.refusals?.()) ?? [],
    broken: lane.invariant?.broken() ?? [],
    stored: await lane.stored.read(),
  };
}

/**
 * A command's text without what differs from target to target, from worker to worker and from rotation to rotation: versions of
 * a Secret that this rotation made are told from the one before, which has the name of the Secret.
 */
function general(lane: AnyLane, text: string, rotationId: string): string {
  const names = lane.target.names.toSorted((a, b) => b.length - a.length);
  const shorter = names.reduce((sum, name) => sum.replaceAll(name, name.replace(/_[0-9a-f]{6}(_[ab])?/, "")), text);
  return shorter
    .replaceAll(/keyturn:[\w:-]+/g, "keyturn:...")
    .replaceAll(`-${rotationId}-`, "-new-")
    .replaceAll(/-r[0-9a-f]{10}-\d+/g, "")
    .replaceAll(/\s+/g, " ")
    .slice(0, 120);
}
