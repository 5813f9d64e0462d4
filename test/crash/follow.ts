import type { Child } from "./child.ts";
import type { AnyLane } from "./lane.ts";

/** A worker whose points can be waited for. */
export type Followed = {
  readonly child: Child;
  /** Resolves at the next time that the worker says this. */
  readonly says: (point: string | RegExp) => Promise<void>;
};

/** Starts a worker that stops itself at the first of each of these points. */
export function follow(lane: AnyLane, stops: readonly string[] = []): Followed {
  const waiting = new Set<{ readonly point: string | RegExp; readonly heard: () => void }>();
  const child = lane.worker(stops, (point) => {
    for (const each of waiting) {
      if (typeof each.point === "string" ? each.point === point : each.point.test(point)) {
        waiting.delete(each);
        each.heard();
      }
    }
  });
  return {
    child,
    says: (point) => new Promise((heard) => waiting.add({ point, heard: () => heard() })),
  };
}
