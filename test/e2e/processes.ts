import { readdirSync, readFileSync } from "node:fs";

/**
 * Looks at all descendants of processes again and again; `stop` returns the arguments and environments of all it saw. For
 * an instant after its fork a child still is its parent, arguments and all: that is no child yet.
 */
export function watchChildren(pids: readonly number[]): { readonly stop: () => string } {
  const seen = new Map<string, string>();
  const own = new Set(pids.map((pid) => read(`/proc/${String(pid)}/cmdline`)));
  const timer = setInterval(() => {
    const parents = new Map(running().map((pid) => [pid, parentOf(pid)]));
    for (const pid of parents.keys()) {
      if (!pids.includes(pid) && descends(pid, pids, parents)) {
        const args = read(`/proc/${String(pid)}/cmdline`);
        const text = own.has(args) ? "" : `${args}\n${read(`/proc/${String(pid)}/environ`)}`;
        seen.set(`${String(pid)} ${text}`, text);
      }
    }
  }, 10);
  return {
    stop: () => {
      clearInterval(timer);
      return [...seen.values()].join("\n");
    },
  };
}

function descends(pid: number, from: readonly number[], parents: ReadonlyMap<number, number>): boolean {
  const parent = parents.get(pid);
  return parent !== undefined && parent > 1 && (from.includes(parent) || descends(parent, from, parents));
}

function running(): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)/m.exec(read(`/proc/${String(pid)}/status`))?.[1] ?? 0);
}

/** A process may end while it is read. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
