import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** A process and its descendants, parents first, as /proc shows them now; only the process itself where there is no /proc. */
export function processTree(pid: number): number[] {
  return [pid, ...childrenOf(pid).flatMap(processTree)];
}

/**
 * Signals a process and its descendants, parents first, until no new child is found; returns all that were signalled.
 * A process that has ended meanwhile is passed over.
 */
export function signalTree(pid: number, signal: "SIGSTOP" | "SIGCONT" | "SIGKILL"): number[] {
  const done = new Set<number>();
  for (let fresh = [pid]; fresh.length > 0; fresh = processTree(pid).filter((member) => !done.has(member))) {
    for (const member of fresh) {
      done.add(member);
      send(member, signal);
    }
  }
  return [...done];
}

/** Resolves when none of the processes runs any more (one that waits to be reaped counts as ended). */
export async function treeEnded(pids: readonly number[]): Promise<void> {
  while (pids.some(runs)) await sleep(5);
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function send(pid: number, signal: "SIGSTOP" | "SIGCONT" | "SIGKILL"): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended since it was listed.
  }
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    const state = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /, "")
      .charAt(0);
    return state !== "Z" && state !== "X";
  } catch {
    return false;
  }
}
