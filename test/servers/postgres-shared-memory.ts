import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * A killed PostgreSQL leaves a System V shared memory segment behind, and the system has few of them. Its id stands in
 * line 7 of postmaster.pid; a server that ended by itself has removed both, and then this does nothing.
 */
export function releaseSharedMemory(dataFolder: string): void {
  const id = pidFile(dataFolder)[6]?.trim().split(/\s+/)[1];
  if (id !== undefined) spawnSync("ipcrm", ["-m", id]);
}

function pidFile(dataFolder: string): string[] {
  try {
    return readFileSync(join(dataFolder, "postmaster.pid"), "utf8").split("\n");
  } catch {
    return [];
  }
}
