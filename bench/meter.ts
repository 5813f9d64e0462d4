import type { Kinds } from "../src/core/kinds.ts";
import type { Store } from "../src/core/ports.ts";
import type { Part } from "./raw-calls.ts";

/** What one rotation has spent and called, by what it was doing: `act` changes or proves, `safety` looks at the gates. */
export type Meter = {
  readonly part: () => Part;
  /** Clock time between `start` and `stop`, by part. */
  readonly spent: () => Readonly<Record<Part, number>>;
  /** Calls of the acting part that are no SQL. `reloadMs`: how long its reloads took. */
  readonly counts: { reads: number; writes: number; pages: number; reloadMs: number };
  readonly start: () => void;
  readonly stop: () => void;
  /** Called with each event that was appended: events say where the parts begin. */
  readonly passed: (event: { readonly type: string; readonly step?: string; readonly topic?: string }) => void;
  readonly reset: () => void;
};

const looking = new Set(["grace", "recheck", "idle", "watch"]);
/** They look at every gate again, and act when all are open. */
const lookingFirst = new Set(["disable", "revoke"]);

/** Steps of the gates are `safety` from start to end; disable and revoke until they have found every gate open. */
export function newMeter(): Meter {
  const spent: Record<Part, number> = { act: 0, safety: 0 };
  const counts = { reads: 0, writes: 0, pages: 0, reloadMs: 0 };
  let part: Part = "act";
  let sinceMs = 0;
  function turn(next: Part): void {
    spent[part] += performance.now() - sinceMs;
    sinceMs = performance.now();
    part = next;
  }
  return {
    part: () => part,
    spent: () => ({ ...spent }),
    counts,
    start: () => {
      sinceMs = performance.now();
    },
    stop: () => turn(part),
    passed: ({ type, step = "", topic }) => {
      const kind = step.replace(/-\d+$/, "");
      if (type === "step_started") turn(looking.has(kind) || lookingFirst.has(kind) ? "safety" : "act");
      if (type === "noted" && topic === "gates" && lookingFirst.has(kind)) turn("act");
    },
    reset: () => {
      part = "act";
      Object.assign(spent, { act: 0, safety: 0 });
      Object.assign(counts, { reads: 0, writes: 0, pages: 0, reloadMs: 0 });
    },
  };
}

/** The same adapters, whose reads, writes and reloads are counted. */
export function metered(kinds: Kinds, { part, counts }: Meter): Kinds {
  const acting = (): number => (part() === "act" ? 1 : 0);
  const store = (opened: Store): Store => ({
    ...opened,
    read: (keys) => {
      counts.reads += acting();
      return opened.read(keys);
    },
    publish: (patch, expect) => {
      counts.writes += acting();
      return opened.publish(patch, expect);
    },
  });
  return {
    ...kinds,
    stores: kinds.stores.map((kind) => ({
      ...kind,
      bind: (entry) => {
        const bound = kind.bind(entry);
        return { ...bound, open: async (context) => store(await bound.open(context)) };
      },
    })),
    consumers: kinds.consumers.map((kind) => ({
      ...kind,
      bind: (entry) => {
        const bound = kind.bind(entry);
        const open: typeof bound.open = async (context) => {
          const opened = await bound.open(context);
          return {
            ...opened,
            reload: async (unit, expected) => {
              const began = performance.now();
              await opened.reload(unit, expected);
              counts.reloadMs += performance.now() - began;
            },
          };
        };
        return { ...bound, open };
      },
    })),
  };
}
